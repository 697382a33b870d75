// What goes wrong in training without an error, said as soon as it shows: nothing to learn, nothing learnt, too little
// memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/sample_loader.h"
#include "train/training_options.h"
#include "train/training_state.h"

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

// Throws train.all-ignored when the first pictures of a run that have texts have none to learn from. `text`: this batch
// has some, in whichever process. Nothing happens once there was any.
void seeBatch(Observations& seen, const TrainingBatch& batch, bool text);
// Warns of the same in a run that is too short for that: its few windows may have missed the text by chance.
void seeEnd(const Observations& seen);
// Warns when hmean stays at 0.
void seeEpoch(Observations& seen, int epoch, double hmean);

}  // namespace ocrdet
