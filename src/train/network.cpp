#include "train/network.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "model/architecture.h"
#include "ocrdet/error.h"
#include "train/convolution.h"

namespace ocrdet {
namespace {

namespace nn = torch::nn;

// The module that holds `name`'s last part, made on the way: "backbone.layer1.0.conv1" lies in backbone, layer1, 0.
std::pair<nn::Module*, std::string> place(nn::Module& root, const std::string& name) {
  nn::Module* owner = &root;
  std::size_t begin = 0;
  for (std::size_t dot; (dot = name.find('.', begin)) != std::string::npos; begin = dot + 1) {
    const std::string part = name.substr(begin, dot - begin);
    const auto children = owner->named_children();
    const auto* found = children.find(part);
    owner = found != nullptr ? found->get() : owner->register_module(part, std::make_shared<nn::Module>(part)).get();
  }
  return {owner, name.substr(begin)};
}

nn::Conv2d convolutionOf(const Layer& layer) {
  return nn::Conv2d(nn::Conv2dOptions(layer.in_channels, layer.out_channels, layer.kernel)
                        .stride(layer.stride)
                        .padding(layer.padding)
                        .bias(layer.bias));
}

nn::ConvTranspose2d transposedConvolutionOf(const Layer& layer) {
  return nn::ConvTranspose2d(
      nn::ConvTranspose2dOptions(layer.in_channels, layer.out_channels, layer.kernel).stride(layer.stride));
}

at::Tensor doubled(const at::Tensor& x, double factor = 2) {
  const auto size = [&](int axis) { return static_cast<std::int64_t>(static_cast<double>(x.size(axis)) * factor); };
  return at::upsample_nearest2d(x, {size(2), size(3)}, factor, factor);
}

bool inBackbone(const std::string& name) {
  return name.starts_with("backbone.");
}

}  // namespace

Network::Network() {
  for (const Layer& layer : networkLayers()) {
    const auto [owner, leaf] = place(*this, layer.name);
    switch (layer.kind) {
      case LayerKind::kConvolution:
        convolutions_.emplace(layer.name, owner->register_module(leaf, convolutionOf(layer)));
        break;
      case LayerKind::kTransposedConvolution:
        transposed_convolutions_.emplace(layer.name, owner->register_module(leaf, transposedConvolutionOf(layer)));
        break;
      case LayerKind::kBatchNorm:
        batch_norms_.emplace(
            layer.name,
            owner->register_module(
                leaf,
                nn::BatchNorm2d(
                    nn::BatchNorm2dOptions(layer.out_channels).eps(kBatchNormEpsilon).momentum(kBatchNormMomentum))));
        break;
    }
  }
}

// LibTorch's autocast would do the same, were its list of operators not another one in each version.
at::Tensor Network::convolve(const std::string& name, const at::Tensor& x) {
  const Layer& layer = networkLayer(name);
  return convolution(x.to(type_), convolutions_.at(name)->weight.to(type_), layer.stride, layer.padding);
}

// Windows of 2×2 at stride 2 do not overlap: each input pixel gives four output pixels of its own, which is a 1×1
// convolution to four times the channels, rearranged. That is five times faster on CPUs in LibTorch 1.13, whose
// bfloat16 transposed convolution is wrong besides. Channels of one output pixel stay side by side, so that rearranging
// copies runs of them; pixel_shuffle, which wants them apart, takes up to four times as long.
at::Tensor Network::convolveTransposed(const std::string& name, const at::Tensor& x) {
  const nn::ConvTranspose2d& layer = transposed_convolutions_.at(name);
  const std::int64_t inputs = layer->weight.size(0), outputs = layer->weight.size(1);
  const at::Tensor weight = layer->weight.permute({2, 3, 1, 0}).reshape({-1, inputs, 1, 1});
  const at::Tensor pixels = at::conv2d(x.to(type_), weight.to(type_), layer->bias.repeat({4}).to(type_));
  const std::int64_t count = x.size(0), height = x.size(2), width = x.size(3);
  return pixels.permute({0, 2, 3, 1})
      .reshape({count, height, width, 2, 2, outputs})
      .permute({0, 1, 3, 2, 4, 5})
      .reshape({count, 2 * height, 2 * width, outputs})
      .permute({0, 3, 1, 2});
}

// With several processes: the statistics of the whole batch, as if one process had seen it. Gradients flow through the
// sums, so that they are the whole batch's, too.
at::Tensor Network::normalise(const std::string& name, const at::Tensor& x) {
  nn::BatchNorm2d& norm = batch_norms_.at(name);
  if (!sum_ || !norm->is_training()) return norm->forward(x);
  const at::Tensor values = x.to(norm->weight.scalar_type());
  const std::int64_t channels = values.size(1);
  const double own_count = static_cast<double>(values.numel()) / static_cast<double>(channels);
  const at::Tensor sums = sum_(at::cat({values.sum({0, 2, 3}), at::full({1}, own_count, values.options())}));
  const at::Tensor count = sums.narrow(0, channels, 1).detach();
  const at::Tensor mean = sums.narrow(0, 0, channels) / count;
  const at::Tensor centred = values - mean.view({1, channels, 1, 1});
  const at::Tensor variance = sum_(centred.square().sum({0, 2, 3})) / count;
  {
    const torch::NoGradGuard no_gradients;
    norm->num_batches_tracked.add_(1);
    norm->running_mean.lerp_(mean, kBatchNormMomentum);
    norm->running_var.lerp_(variance * (count / (count - 1)), kBatchNormMomentum);
  }
  const at::Tensor scale = norm->weight * (variance + kBatchNormEpsilon).rsqrt();
  return (centred * scale.view({1, channels, 1, 1}) + norm->bias.view({1, channels, 1, 1})).to(x.scalar_type());
}

at::Tensor Network::residualBlock(const std::string& name, bool downsample, const at::Tensor& x) {
  at::Tensor y = normalise(name + ".bn1", convolve(name + ".conv1", x)).relu_();
  y = normalise(name + ".bn2", convolve(name + ".conv2", y));
  const at::Tensor shortcut = downsample ? normalise(name + ".downsample.1", convolve(name + ".downsample.0", x)) : x;
  return (y + shortcut).relu_();
}

at::Tensor Network::fuse(const at::Tensor& c2, const at::Tensor& c3, const at::Tensor& c4, const at::Tensor& c5) {
  const at::Tensor m5 = convolve("decoder.in5", c5);
  const at::Tensor m4 = doubled(m5) + convolve("decoder.in4", c4);
  const at::Tensor m3 = doubled(m4) + convolve("decoder.in3", c3);
  const at::Tensor m2 = doubled(m3) + convolve("decoder.in2", c2);
  return at::cat({doubled(convolve("decoder.out5.0", m5), 8), doubled(convolve("decoder.out4.0", m4), 4),
                  doubled(convolve("decoder.out3.0", m3)), convolve("decoder.out2", m2)},
                 1);
}

at::Tensor Network::head(const std::string& name, const at::Tensor& fused) {
  at::Tensor y = normalise(name + ".1", convolve(name + ".0", fused)).relu_();
  y = normalise(name + ".4", convolveTransposed(name + ".3", y)).relu_();
  return convolveTransposed(name + ".6", y);
}

NetworkOutput Network::forward(const at::Tensor& images) {
  at::Tensor x = normalise("backbone.bn1", convolve("backbone.conv1", images)).relu_();
  x = at::max_pool2d(x, kStemPoolKernel, kStemPoolStride, kStemPoolPadding);
  std::vector<at::Tensor> levels;  // c2 … c5, each the output of a stage's second block
  for (const ResidualBlock& block : residualBlocks()) {
    x = residualBlock(block.name, block.downsample, x);
    if (block.name.ends_with(".1")) levels.push_back(x);
  }
  const at::Tensor fused = fuse(levels[0], levels[1], levels[2], levels[3]);
  NetworkOutput output{head("decoder.binarize", fused), {}};
  if (is_training()) output.border_logits = head("decoder.thresh", fused);
  return output;
}

void Network::freezeBackbone() {
  backbone_frozen_ = true;
  for (auto& item : named_parameters())
    if (inBackbone(item.key())) item.value().set_requires_grad(false);
  train(is_training());
}

void Network::fixStatistics() {
  statistics_fixed_ = true;
  train(is_training());
}

void Network::train(bool on) {
  Module::train(on);
  for (auto& [name, norm] : batch_norms_)
    if (statistics_fixed_ || (backbone_frozen_ && inBackbone(name))) norm->train(false);
}

at::Tensor toTorch(const Tensor& tensor) {
  if (tensor.dtype == DType::kInt64) {
    at::Tensor copy = at::empty(tensor.shape, at::kLong);
    const auto bytes = contiguousBytes(tensor);
    std::memcpy(copy.data_ptr(), bytes.data(), bytes.size());
    return copy;
  }
  const std::vector<float> values = toFloat32(tensor);
  return at::from_blob(const_cast<float*>(values.data()), tensor.shape, at::kFloat).clone();
}

Tensor toTensor(const at::Tensor& tensor) {
  const bool counter = tensor.scalar_type() == at::kLong;
  const auto kept = std::make_shared<at::Tensor>(
      tensor.detach().to(at::kCPU, counter ? at::kLong : at::kFloat, false, true).contiguous());
  const TensorShape shape(kept->sizes().begin(), kept->sizes().end());
  return {counter ? DType::kInt64 : DType::kFloat32,
          shape,
          contiguousStrides(shape),
          0,
          {std::span(static_cast<const std::byte*>(kept->data_ptr()), kept->nbytes()), kept}};
}

void setWeights(Network& network, const Weights& weights) {
  const torch::NoGradGuard no_gradients;
  auto parameters = network.named_parameters();
  auto buffers = network.named_buffers();
  for (const auto& [name, tensor] : weights) {
    at::Tensor* own = parameters.find(name);
    if (own == nullptr) own = buffers.find(name);
    if (own == nullptr)
      throw Error(
          {&codes::kInternalBug, fmt::format("The network has no tensor \"{}\".", name), "Please report this."});
    own->copy_(toTorch(tensor));
  }
}

Weights weightsOf(const Network& network) {
  Weights weights;
  for (const auto& item : network.named_parameters()) weights.emplace(item.key(), toTensor(item.value()));
  for (const auto& item : network.named_buffers()) weights.emplace(item.key(), toTensor(item.value()));
  return weights;
}

}  // namespace ocrdet
