// How gradients move weights: SGD with momentum, or AdamW. Written out here, since the files and the state of a run
// name tensors, and LibTorch's own optimizers keep theirs under addresses. A test compares the two.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "tensor/tensor.h"
#include "train/network.h"
#include "train/training_options.h"

namespace ocrdet {

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::kSgd;
  double momentum = 0.9;  // of SGD
  bool nesterov = true;
  double weight_decay = 1e-4;
  double clip = 0;  // largest norm of all gradients together; 0: any
};

class Optimizer {
 public:
  // For the parameters that have gradients at this time. Batch norm and biases do not decay.
  Optimizer(Network& network, const OptimizerOptions& options);

  void clearGradients();
  const std::vector<at::Tensor>& parameters() const { return tensors_; }

  // Returns the norm of the gradients before clipping. Without a finite norm nothing moves.
  double step(double rate);

  // "momentum/…" or "first/…", "second/…"; and the number of steps.
  void save(std::vector<NamedTensor>& to) const;
  // Throws train.resume-differs when another optimizer, or one of other parameters, was saved.
  void load(const std::vector<NamedTensor>& from);

 private:
  void stepSgd(std::size_t i, const at::Tensor& gradient, double rate);
  void stepAdamW(std::size_t i, const at::Tensor& gradient, double rate);

  OptimizerOptions options_;
  std::vector<std::string> names_;
  std::vector<at::Tensor> tensors_;
  std::vector<double> decay_;
  std::vector<at::Tensor> first_, second_;  // momentum; of AdamW the means of gradients and of their squares
  std::int64_t steps_ = 0;
};

}  // namespace ocrdet
