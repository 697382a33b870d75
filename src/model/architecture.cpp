#include "model/architecture.h"

#include <fmt/format.h>

#include <algorithm>

#include "ocrdet/error.h"

namespace ocrdet {
namespace {

struct Stage {
  const char* name;
  int in_channels;
  int out_channels;
  int stride;  // of the first block
};

constexpr Stage kStages[] = {
    {"backbone.layer1", 64, 64, 1},
    {"backbone.layer2", 64, 128, 2},
    {"backbone.layer3", 128, 256, 2},
    {"backbone.layer4", 256, 512, 2},
};
constexpr int kBlocksPerStage = 2;

std::vector<ResidualBlock> describeBlocks() {
  std::vector<ResidualBlock> blocks;
  for (const Stage& stage : kStages) {
    for (int number = 0; number < kBlocksPerStage; ++number) {
      const int in_channels = number == 0 ? stage.in_channels : stage.out_channels;
      const int stride = number == 0 ? stage.stride : 1;
      blocks.push_back({fmt::format("{}.{}", stage.name, number), in_channels, stage.out_channels, stride,
                        stride != 1 || in_channels != stage.out_channels});
    }
  }
  return blocks;
}

Layer convolution(std::string name, int in_channels, int out_channels, int kernel, int stride = 1) {
  return {std::move(name), LayerKind::kConvolution, in_channels, out_channels, kernel, stride, kernel / 2, false};
}

Layer doubling(std::string name, int in_channels, int out_channels) {
  return {std::move(name), LayerKind::kTransposedConvolution, in_channels, out_channels, 2, 2, 0, true};
}

Layer batchNorm(std::string name, int channels) {
  return {std::move(name), LayerKind::kBatchNorm, channels, channels, 1, 1, 0, true};
}

void appendBackbone(std::vector<Layer>& layers) {
  layers.push_back(convolution("backbone.conv1", kInputChannels, 64, 7, 2));
  layers.push_back(batchNorm("backbone.bn1", 64));
  for (const ResidualBlock& block : residualBlocks()) {
    layers.push_back(convolution(block.name + ".conv1", block.in_channels, block.out_channels, 3, block.stride));
    layers.push_back(batchNorm(block.name + ".bn1", block.out_channels));
    layers.push_back(convolution(block.name + ".conv2", block.out_channels, block.out_channels, 3));
    layers.push_back(batchNorm(block.name + ".bn2", block.out_channels));
    if (block.downsample) {
      layers.push_back(
          convolution(block.name + ".downsample.0", block.in_channels, block.out_channels, 1, block.stride));
      layers.push_back(batchNorm(block.name + ".downsample.1", block.out_channels));
    }
  }
}

void appendNeck(std::vector<Layer>& layers) {
  layers.push_back(convolution("decoder.in5", 512, kNeckChannels, 1));
  layers.push_back(convolution("decoder.in4", 256, kNeckChannels, 1));
  layers.push_back(convolution("decoder.in3", 128, kNeckChannels, 1));
  layers.push_back(convolution("decoder.in2", 64, kNeckChannels, 1));
  // out5…out3 share a Sequential with their upsampling, out2 has none: hence the names.
  layers.push_back(convolution("decoder.out5.0", kNeckChannels, kNeckOutputChannels, 3));
  layers.push_back(convolution("decoder.out4.0", kNeckChannels, kNeckOutputChannels, 3));
  layers.push_back(convolution("decoder.out3.0", kNeckChannels, kNeckOutputChannels, 3));
  layers.push_back(convolution("decoder.out2", kNeckChannels, kNeckOutputChannels, 3));
}

// The numbers skip the layers without weights: 2 and 5 are ReLU, 7 is the sigmoid.
void appendHead(std::vector<Layer>& layers, const std::string& name) {
  layers.push_back(convolution(name + ".0", kNeckChannels, 64, 3));
  layers.push_back(batchNorm(name + ".1", 64));
  layers.push_back(doubling(name + ".3", 64, 64));
  layers.push_back(batchNorm(name + ".4", 64));
  layers.push_back(doubling(name + ".6", 64, 1));
}

std::vector<Layer> describeLayers() {
  std::vector<Layer> layers;
  appendBackbone(layers);
  appendNeck(layers);
  appendHead(layers, "decoder.binarize");
  appendHead(layers, "decoder.thresh");
  return layers;
}

TensorShape weightShape(const Layer& layer) {
  switch (layer.kind) {
    case LayerKind::kConvolution:
      return {layer.out_channels, layer.in_channels, layer.kernel, layer.kernel};
    case LayerKind::kTransposedConvolution:
      return {layer.in_channels, layer.out_channels, layer.kernel, layer.kernel};
    case LayerKind::kBatchNorm:
      break;
  }
  return {layer.out_channels};
}

std::vector<ExpectedTensor> describeTensors() {
  std::vector<ExpectedTensor> tensors;
  for (const Layer& layer : networkLayers()) {
    const bool threshold_head = layer.name.starts_with("decoder.thresh.");
    const TensorShape channels{layer.out_channels};
    const auto add = [&](const char* suffix, TensorShape shape, DType dtype) {
      tensors.push_back({layer.name + suffix, std::move(shape), dtype, threshold_head, dtype == DType::kInt64});
    };
    add(".weight", weightShape(layer), DType::kFloat32);
    if (layer.bias) add(".bias", channels, DType::kFloat32);
    if (layer.kind == LayerKind::kBatchNorm) {
      add(".running_mean", channels, DType::kFloat32);
      add(".running_var", channels, DType::kFloat32);
      add(".num_batches_tracked", {}, DType::kInt64);
    }
  }
  return tensors;
}

}  // namespace

std::span<const ResidualBlock> residualBlocks() {
  static const std::vector<ResidualBlock> kBlocks = describeBlocks();
  return kBlocks;
}

std::span<const Layer> networkLayers() {
  static const std::vector<Layer> kLayers = describeLayers();
  return kLayers;
}

const Layer& networkLayer(std::string_view name) {
  const std::span<const Layer> layers = networkLayers();
  const auto found = std::ranges::find(layers, name, &Layer::name);
  if (found == layers.end())
    throw Error({&codes::kInternalBug, fmt::format("The network has no layer \"{}\".", name), "Please report this."});
  return *found;
}

std::span<const ExpectedTensor> expectedTensors() {
  static const std::vector<ExpectedTensor> kTensors = describeTensors();
  return kTensors;
}

}  // namespace ocrdet
