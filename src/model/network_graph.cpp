#include "model/network_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "graph/initialiser.h"
#include "model/architecture.h"

namespace ocrdet {
namespace {

using Integers = std::vector<std::int64_t>;

// Appends nodes; every function returns the name of the value that it made, which is also the node's name.
class NetworkBuilder {
 public:
  NetworkBuilder(const StateDict& weights, int opset) : weights_(weights) { graph_.opset = opset; }

  std::string convolution(const std::string& name, const std::string& input) {
    const Layer& layer = networkLayer(name);
    const std::int64_t kernel = layer.kernel, stride = layer.stride, padding = layer.padding;
    Node node = named(layer.kind == LayerKind::kTransposedConvolution ? "ConvTranspose" : "Conv", name, {input});
    node.inputs.push_back(weight(name + ".weight"));
    if (layer.bias) node.inputs.push_back(weight(name + ".bias"));
    node.attributes = {{"dilations", Integers{1, 1}},
                       {"group", std::int64_t{1}},
                       {"kernel_shape", Integers{kernel, kernel}},
                       {"pads", Integers(4, padding)},
                       {"strides", Integers{stride, stride}}};
    return append(std::move(node));
  }

  std::string batchNorm(const std::string& name, const std::string& input) {
    Node node = named("BatchNormalization", name, {input});
    for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"})
      node.inputs.push_back(weight(name + part));
    node.attributes = {{"epsilon", static_cast<float>(kBatchNormEpsilon)},
                       {"momentum", static_cast<float>(1 - kBatchNormMomentum)}};
    return append(std::move(node));
  }

  std::string relu(const std::string& name, const std::string& input) { return append(named("Relu", name, {input})); }

  std::string add(const std::string& name, const std::string& a, const std::string& b) {
    return append(named("Add", name, {a, b}));
  }

  std::string maxPool(const std::string& name, const std::string& input) {
    Node node = named("MaxPool", name, {input});
    node.attributes = {{"kernel_shape", Integers(2, kStemPoolKernel)},
                       {"pads", Integers(4, kStemPoolPadding)},
                       {"strides", Integers(2, kStemPoolStride)}};
    return append(std::move(node));
  }

  // Nearest neighbour by a whole factor: pixel y of the result is pixel floor(y / factor) of the input, which ONNX
  // spells "asymmetric" with "floor".
  std::string upsample(const std::string& name, const std::string& input, int factor) {
    Node node = named("Resize", name, {input, regionOfInterest(), scales(factor)});
    node.attributes = {{"coordinate_transformation_mode", std::string("asymmetric")},
                       {"mode", std::string("nearest")},
                       {"nearest_mode", std::string("floor")}};
    return append(std::move(node));
  }

  std::string concatenate(const std::string& name, std::vector<std::string> inputs) {
    Node node = named("Concat", name, std::move(inputs));
    node.attributes = {{"axis", std::int64_t{1}}};
    return append(std::move(node));
  }

  std::string sigmoid(const std::string& name, const std::string& input) {
    return append(named("Sigmoid", name, {input}));
  }

  void renameLast(std::string value) { graph_.nodes.back().outputs.front() = std::move(value); }

  Graph finish() && { return std::move(graph_); }

 private:
  static Node named(const char* op, const std::string& name, std::vector<std::string> inputs) {
    return {op, name, std::move(inputs), {name}, {}};
  }

  std::string append(Node node) {
    graph_.nodes.push_back(std::move(node));
    return graph_.nodes.back().outputs.front();
  }

  std::string weight(const std::string& name) {
    graph_.initialisers.push_back(makeInitialiser(name, weights_.tensor(name)));
    return name;
  }

  std::string shared(const std::string& name, TensorShape shape, std::span<const float> values) {
    if (std::ranges::find(graph_.initialisers, name, &Initialiser::name) == graph_.initialisers.end())
      graph_.initialisers.push_back(makeInitialiser(name, std::move(shape), values));
    return name;
  }

  std::string scales(int factor) {
    const auto along = static_cast<float>(factor);
    return shared(fmt::format("decoder.scales_{}", factor), {4}, std::array{1.0f, 1.0f, along, along});
  }

  // Resize must be given a region of interest up to opset 12, although this mode does not look at it: an empty tensor.
  std::string regionOfInterest() { return graph_.opset >= 13 ? "" : shared("decoder.roi", {0}, {}); }

  const StateDict& weights_;
  Graph graph_;
};

std::string residualBlock(NetworkBuilder& net, const ResidualBlock& block, const std::string& input) {
  const std::string& name = block.name;
  std::string x = net.convolution(name + ".conv1", input);
  x = net.relu(name + ".relu1", net.batchNorm(name + ".bn1", x));
  x = net.batchNorm(name + ".bn2", net.convolution(name + ".conv2", x));
  std::string shortcut = input;
  if (block.downsample)
    shortcut = net.batchNorm(name + ".downsample.1", net.convolution(name + ".downsample.0", input));
  return net.relu(name + ".relu2", net.add(name + ".add", x, shortcut));
}

// The maps c2…c5, at 1/4, 1/8, 1/16 and 1/32.
std::array<std::string, 4> backbone(NetworkBuilder& net) {
  std::string x = net.convolution("backbone.conv1", kInputName);
  x = net.relu("backbone.relu", net.batchNorm("backbone.bn1", x));
  x = net.maxPool("backbone.maxpool", x);
  std::array<std::string, 4> maps;
  for (const ResidualBlock& block : residualBlocks()) {
    x = residualBlock(net, block, x);
    const char stage = block.name[std::string_view("backbone.layer").size()];
    maps.at(static_cast<std::size_t>(stage - '1')) = x;
  }
  return maps;
}

std::string neck(NetworkBuilder& net, const std::array<std::string, 4>& maps) {
  const auto& [c2, c3, c4, c5] = maps;
  const std::string m5 = net.convolution("decoder.in5", c5);
  const std::string in4 = net.convolution("decoder.in4", c4);
  const std::string m4 = net.add("decoder.add4", net.upsample("decoder.up5", m5, 2), in4);
  const std::string in3 = net.convolution("decoder.in3", c3);
  const std::string m3 = net.add("decoder.add3", net.upsample("decoder.up4", m4, 2), in3);
  const std::string in2 = net.convolution("decoder.in2", c2);
  const std::string m2 = net.add("decoder.add2", net.upsample("decoder.up3", m3, 2), in2);

  const std::string p5 = net.upsample("decoder.out5.1", net.convolution("decoder.out5.0", m5), 8);
  const std::string p4 = net.upsample("decoder.out4.1", net.convolution("decoder.out4.0", m4), 4);
  const std::string p3 = net.upsample("decoder.out3.1", net.convolution("decoder.out3.0", m3), 2);
  const std::string p2 = net.convolution("decoder.out2", m2);
  return net.concatenate("decoder.concat", {p5, p4, p3, p2});
}

void head(NetworkBuilder& net, const std::string& fused, bool logits_output) {
  const std::string name = "decoder.binarize";
  std::string x = net.batchNorm(name + ".1", net.convolution(name + ".0", fused));
  x = net.convolution(name + ".3", net.relu(name + ".2", x));
  x = net.relu(name + ".5", net.batchNorm(name + ".4", x));
  x = net.convolution(name + ".6", x);
  if (logits_output) {
    x = kLogitsName;
    net.renameLast(x);
  }
  net.sigmoid(name + ".7", x);
  net.renameLast(kOutputName);
}

Dimension axis(std::optional<int> length, const char* name) {
  return length ? Dimension{*length, {}} : Dimension{0, name};
}

// Every stride of 2 rounds up, and the decoder doubles as often: sizes that are no multiple of 32 come out larger.
Dimension outputAxis(std::optional<int> length, const char* name) {
  return axis(length ? std::optional((*length + 31) / 32 * 32) : std::nullopt, name);
}

}  // namespace

Graph buildReferenceGraph(const StateDict& weights, const NetworkOptions& options) {
  NetworkBuilder net(weights, options.opset);
  head(net, neck(net, backbone(net)), options.logits_output);

  Graph graph = std::move(net).finish();
  graph.name = "dbnet-resnet18";
  graph.inputs = {{kInputName,
                   DType::kFloat32,
                   {axis(options.batch, "batch"),
                    {kInputChannels, {}},
                    axis(options.height, "height"),
                    axis(options.width, "width")}}};
  Value output{kOutputName,
               DType::kFloat32,
               {axis(options.batch, "batch"),
                {1, {}},
                outputAxis(options.height, "out_height"),
                outputAxis(options.width, "out_width")}};
  graph.outputs = {output};
  if (options.logits_output) {
    output.name = kLogitsName;
    graph.outputs.push_back(output);
  }
  return graph;
}

}  // namespace ocrdet
