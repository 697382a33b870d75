// A network of one convolution that calls bright pixels text: prob = sigmoid(10 · (blue + green + red)) of the
// normalised picture, which is 1 for white and 0 for black. Whatever a detector does around its network, it can be
// checked exactly.
#pragma once

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "onnx/serialise.h"

namespace ocrdet::test {

struct TinyNetwork {
  std::string input = "input";
  int height = 0, width = 0;  // 0: free
  int input_channels = 3;
  int output_channels = 1;    // the first is the map, as in exports of the training network
  bool drop_channel = false;  // output [N, H, W]
  std::map<std::string, std::string> metadata;
};

inline Initialiser floats(std::string name, TensorShape shape, const std::vector<float>& values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return {std::move(name), DType::kFloat32, std::move(shape), std::move(bytes)};
}

inline std::string onnxBytes(const TinyNetwork& network) {
  const Dimension batch{0, "batch"};
  const Dimension height = network.height ? Dimension{network.height, ""} : Dimension{0, "height"};
  const Dimension width = network.width ? Dimension{network.width, ""} : Dimension{0, "width"};
  const Dimension out_height = network.height ? height : Dimension{0, "out_height"};
  const Dimension out_width = network.width ? width : Dimension{0, "out_width"};

  std::vector<float> weights(std::size_t(network.output_channels) * network.input_channels, 10.0F);
  for (std::size_t i = std::size_t(network.input_channels); i < weights.size(); ++i) weights[i] = -3.0F;
  Graph graph;
  graph.name = "tiny";
  graph.metadata = network.metadata;
  graph.inputs = {{network.input, DType::kFloat32, {batch, {network.input_channels, ""}, height, width}}};
  graph.initialisers = {floats("weight", {network.output_channels, network.input_channels, 1, 1}, weights)};
  graph.nodes = {{"Conv", "conv", {network.input, "weight"}, {"logits"}, {}},
                 {"Sigmoid", "sigmoid", {"logits"}, {network.drop_channel ? "map" : "output"}, {}}};
  SymbolicShape shape = {batch, {network.output_channels, ""}, out_height, out_width};
  if (network.drop_channel) {
    graph.nodes.push_back({"Squeeze", "squeeze", {"map"}, {"output"}, {{"axes", std::vector<std::int64_t>{1}}}});
    shape.erase(shape.begin() + 1);
  }
  graph.outputs = {{"output", DType::kFloat32, shape}};
  return serialiseOnnx(std::move(graph));
}

}  // namespace ocrdet::test
