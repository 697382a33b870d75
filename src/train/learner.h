// One training step after another: forward, losses, backward, weights moved, their average kept.
#pragma once

#include <memory>
#include <vector>

#include "train/losses.h"
#include "train/network.h"
#include "train/optimizer.h"
#include "train/sample_loader.h"
#include "train/training_options.h"

namespace ocrdet {

// Where and in what the network computes; decided once, and said.
struct Computing {
  at::Device device = at::kCPU;
  at::ScalarType type = at::kFloat;
  bool channels_last = true;
  std::string description;  // "CPU, 2 threads, bfloat16, channels last"
};

// Throws train.device-missing. `threads` of 0: all processors.
Computing chooseComputing(const TrainingOptions& options);

// One process among several; sums and averages over all (src/train/processes.h).
struct Together {
  SharedSums sums;
  std::function<void(const std::vector<at::Tensor>&)> averageGradients;
};

struct StepReport {
  double total = 0, text = 0, border = 0, dice = 0, teacher = 0;
  double gradient_norm = 0;
};

class Learner {
 public:
  Learner(const Weights& start, const TrainingOptions& options, const Computing& computing, Together together = {});

  // `teacher`: [count, size, size] probabilities of another model, or empty. Throws train.not-finite and
  // train.out-of-memory; the weights are then those before the step.
  StepReport step(const TrainingBatch& batch, const std::vector<float>& teacher, double rate);

  // What is validated and saved: the average when one is kept, otherwise the network, and the initial weights mixed in
  // by their share, of the text head by its cube root (WiSE-FT: between the two lies a network that knows the new and
  // forgets little). The mixture is never trained. Counters are the network's. A run that keeps a share fixes the
  // statistics of batch norm: those of a few new pictures move further than the weights do, and what was known depends
  // on them.
  Weights bestGuess() const;

  // Probabilities of one picture, [height, width], by the weights of bestGuess. `planes`: 3 × height × width,
  // normalised. Throws train.out-of-memory.
  std::vector<float> probabilities(const std::vector<float>& planes, int height, int width);

  void save(std::vector<NamedTensor>& to) const;
  // Throws train.state-damaged when tensors are missing, and train.resume-differs when the run had other options.
  void load(const std::vector<NamedTensor>& from);

 private:
  at::Tensor imagesOf(const TrainingBatch& batch) const;
  BatchTargets targetsOf(const TrainingBatch& batch, const std::vector<float>& teacher) const;
  void updateAverage();
  Network& learnt() const { return average_ ? *average_ : *network_; }
  Network& bestNetwork();

  Computing computing_;
  TrainingOptions options_;
  Together together_;
  std::shared_ptr<Network> network_;
  std::shared_ptr<Network> average_;  // in evaluation mode; null without an average
  Weights initial_;                   // without counters; empty when nothing of them is kept
  std::shared_ptr<Network> mixture_;  // of bestGuess, from the first validation until the next step
  std::unique_ptr<Optimizer> optimizer_;
  std::int64_t steps_ = 0;
};

}  // namespace ocrdet
