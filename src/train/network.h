// DBNet-ResNet18 as a LibTorch module, built from the table in src/model: the same layers, names and files.
//
// In training mode it gives both heads; in evaluation mode the threshold head is not computed. Outputs are logits: the
// sigmoid belongs to the losses, which are exact for large values only before it.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <map>
#include <string>

#include "train/weights.h"

namespace ocrdet {

struct NetworkOutput {
  at::Tensor text_logits;    // [N, 1, H, W]
  at::Tensor border_logits;  // the same; undefined in evaluation mode
};

class Network : public torch::nn::Module {
 public:
  Network();

  // `images`: [N, 3, H, W], normalised; H and W multiples of 32.
  NetworkOutput forward(const at::Tensor& images);

  // What convolutions compute in: kFloat or kBFloat16. Weights, statistics and sums stay float32.
  void computeIn(at::ScalarType type) { type_ = type; }

  // No gradients, and batch norm with the statistics it has, for the backbone alone.
  void freezeBackbone();

  // Every batch norm keeps the statistics it has, also while it is trained.
  void fixStatistics();

  // Batch statistics over several processes: a differentiable sum of a vector over all of them. Unset: this process
  // alone.
  using Sum = std::function<at::Tensor(const at::Tensor&)>;
  void shareBatchStatistics(Sum sum) { sum_ = std::move(sum); }

  void train(bool on = true) override;

 private:
  at::Tensor convolve(const std::string& name, const at::Tensor& x);
  at::Tensor convolveTransposed(const std::string& name, const at::Tensor& x);
  at::Tensor normalise(const std::string& name, const at::Tensor& x);
  at::Tensor residualBlock(const std::string& name, bool downsample, const at::Tensor& x);
  at::Tensor fuse(const at::Tensor& c2, const at::Tensor& c3, const at::Tensor& c4, const at::Tensor& c5);
  at::Tensor head(const std::string& name, const at::Tensor& fused);

  std::map<std::string, torch::nn::Conv2d> convolutions_;
  std::map<std::string, torch::nn::ConvTranspose2d> transposed_convolutions_;
  std::map<std::string, torch::nn::BatchNorm2d> batch_norms_;
  at::ScalarType type_ = at::kFloat;
  bool backbone_frozen_ = false, statistics_fixed_ = false;
  Sum sum_;
};

// Copies values into the network; names that it lacks are a mistake of the program (internal.bug), those that `weights`
// lacks stay as they are.
void setWeights(Network& network, const Weights& weights);

// A copy of all tensors, float32 on the CPU.
Weights weightsOf(const Network& network);

// Views of LibTorch's numbers for our writers, which keep them alive; floats and int64 only.
Tensor toTensor(const at::Tensor& tensor);
at::Tensor toTorch(const Tensor& tensor);

}  // namespace ocrdet
