// What goes wrong in training without an error, said as soon as it shows: nothing to learn, nothing learnt, too little
// memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/sample_loader.h"
#include "train/training_options.h"
#include "train/training_source.h"

namespace ocrdet {

// Predicted peak memory of training on a CPU, in bytes: activations kept for the backward pass grow with the pixels of
// a batch, the rest is weights, gradients and what the optimizer remembers.
std::int64_t predictedTrainingMemory(int batch, int size, bool bfloat16);

// When a batch is too large and `fitting` pictures of it fit into each process's share.
std::string adviceOnBatch(int fitting, int processes);

// `sizes` are those of batches (batchSizes). Throws train.out-of-memory when the prediction for the largest exceeds
// what is available, before the system would end the process without a word. Returns that prediction for the processes
// of this machine together; of a graphics card nothing is predicted, 0.
std::int64_t checkBatchMemory(const TrainingOptions& options, const std::vector<int>& sizes, bool cuda, bool bfloat16);

class Symptoms {
 public:
  // Throws train.all-ignored when the first pictures of a run held ground truth, but no text to learn from. `text`:
  // this batch has some, in whichever process.
  void seeBatch(const TrainingBatch& batch, bool text);
  bool hasLearntText() const { return has_learnt_text_; }
  // Warns of the same in a run that is too short for that: its few windows may have missed the text by chance.
  void seeEnd() const;
  // Warns when hmean stays at 0.
  void seeEpoch(int epoch, double hmean);

 private:
  std::string withoutText() const;

  bool has_learnt_text_ = false;
  int pictures_without_text_ = 0;
  std::int64_t ignored_ = 0;
  int epochs_at_zero_ = 0;
};

}  // namespace ocrdet
