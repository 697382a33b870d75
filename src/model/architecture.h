// DBNet with a plain ResNet-18, described once.
//
// networkLayers() is the table that everything else derives from: the names and shapes that a checkpoint must have, the
// graph that export writes, and the modules that the trainer builds. Layers stand in the order of PyTorch's state dict.
//
//   backbone   ResNet-18 without its classifier, no deformable convolution: maps c2…c5 at 1/4, 1/8, 1/16, 1/32
//   neck       1×1 convolutions in5…in2 to 256 channels, ×2 nearest upsampling and addition from coarse to fine,
//              3×3 convolutions out5…out2 to 64 channels, upsampled ×8, ×4, ×2, ×1 and joined in this order
//   heads      `binarize` gives the probability map; `thresh` has the same layers and serves training only
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/tensor.h"

namespace ocrdet {

inline constexpr double kBatchNormEpsilon = 1e-5;
inline constexpr double kBatchNormMomentum = 0.1;
// Steepness k of the differentiable binarisation 1 / (1 + exp(-k (P - T))), in training.
inline constexpr double kBinarisationSteepness = 50;

inline constexpr int kInputChannels = 3;
inline constexpr int kNeckChannels = 256;       // of in5…in2, and of the joined map
inline constexpr int kNeckOutputChannels = 64;  // of out5…out2

// The max-pool behind backbone.bn1; it has no weights and therefore no row in the table.
inline constexpr int kStemPoolKernel = 3;
inline constexpr int kStemPoolStride = 2;
inline constexpr int kStemPoolPadding = 1;

enum class LayerKind { kConvolution, kTransposedConvolution, kBatchNorm };

struct Layer {
  std::string name;  // "backbone.layer1.0.conv1": its tensors are name + ".weight", …
  LayerKind kind = LayerKind::kConvolution;
  int in_channels = 0;
  int out_channels = 0;
  int kernel = 1;
  int stride = 1;
  int padding = 0;
  bool bias = false;  // of convolutions; batch norm always has one
};

// Residual blocks of layer1…layer4, two each.
struct ResidualBlock {
  std::string name;  // "backbone.layer2.0"
  int in_channels = 0;
  int out_channels = 0;
  int stride = 1;
  bool downsample = false;  // the shortcut is a 1×1 convolution with batch norm instead of the identity
};
std::span<const ResidualBlock> residualBlocks();

// Every layer with weights, in PyTorch's order.
std::span<const Layer> networkLayers();

// The layer of that name. Asking for one that is not there is a mistake of the program (internal.bug).
const Layer& networkLayer(std::string_view name);

struct ExpectedTensor {
  std::string name;  // "backbone.bn1.running_mean"
  TensorShape shape;
  DType dtype = DType::kFloat32;
  bool threshold_head = false;  // of decoder.thresh: may be missing
  bool counter = false;         // num_batches_tracked: never used for inference, may be missing
};

// The 158 tensors of the state dict, in PyTorch's order.
std::span<const ExpectedTensor> expectedTensors();

}  // namespace ocrdet
