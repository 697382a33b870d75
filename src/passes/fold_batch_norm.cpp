#include "passes/fold_batch_norm.h"

#include <cmath>
#include <iterator>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "graph/initialiser.h"
#include "passes/rewriting.h"

namespace ocrdet {
namespace {

using Constants = std::unordered_map<std::string, Initialiser*>;

struct Affine {
  double scale = 1;
  double shift = 0;
};

// One scale and shift per channel. `norm` reads x, weight, bias, mean and variance.
std::vector<Affine> channelAffines(const Node& norm, const Constants& constants) {
  const std::vector<float> weight = floatValues(*constants.at(norm.inputs[1]));
  const std::vector<float> bias = floatValues(*constants.at(norm.inputs[2]));
  const std::vector<float> mean = floatValues(*constants.at(norm.inputs[3]));
  const std::vector<float> variance = floatValues(*constants.at(norm.inputs[4]));
  const double epsilon = std::get<float>(norm.attributes.at("epsilon"));
  std::vector<Affine> affines(weight.size());
  for (std::size_t channel = 0; channel < affines.size(); ++channel) {
    const double scale = weight[channel] / std::sqrt(variance[channel] + epsilon);
    affines[channel] = {scale, bias[channel] - scale * mean[channel]};
  }
  return affines;
}

void scaleFloats(char* bytes, std::size_t count, double factor) {
  for (std::size_t i = 0; i < count; ++i)
    storeFloat(bytes, i, static_cast<float>(static_cast<double>(loadFloat(bytes, i)) * factor));
}

// Weights lie as [outer, channel, inner]: outer is 1 for Conv and the number of input channels for ConvTranspose.
void scaleChannels(Initialiser& weight, bool transposed, const std::vector<Affine>& affines) {
  const std::size_t outer = transposed ? static_cast<std::size_t>(weight.shape[0]) : 1;
  const std::size_t inner = weight.bytes.size() / sizeof(float) / outer / affines.size();
  char* at = weight.bytes.data();
  for (std::size_t i = 0; i < outer; ++i)
    for (const Affine& affine : affines) {
      scaleFloats(at, inner, affine.scale);
      at += inner * sizeof(float);
    }
}

// The bias that a convolution has behind its folded batch norm.
Initialiser foldedBias(const Node& convolution, const Constants& constants, const std::vector<Affine>& affines) {
  std::vector<float> bias(affines.size());
  if (convolution.inputs.size() > 2) bias = floatValues(*constants.at(convolution.inputs[2]));
  for (std::size_t channel = 0; channel < bias.size(); ++channel)
    bias[channel] = static_cast<float>(bias[channel] * affines[channel].scale + affines[channel].shift);
  return makeInitialiser(convolution.name + ".bias", {static_cast<std::int64_t>(bias.size())}, bias);
}

// Scales the weights in place, where nothing else reads them. Returns the bias to be.
Initialiser fold(Node& convolution, const Node& norm, const Constants& constants) {
  const std::vector<Affine> affines = channelAffines(norm, constants);
  scaleChannels(*constants.at(convolution.inputs[1]), convolution.op == "ConvTranspose", affines);
  return foldedBias(convolution, constants, affines);
}

}  // namespace

Graph foldBatchNorm(Graph graph) {
  const Constants constants = constantsByName(graph);
  const std::unordered_map<std::string, int> readers = countReaders(graph);
  std::unordered_map<std::string, Node*> convolutions;  // by result
  std::vector<Initialiser> biases;
  std::unordered_set<std::string> folded;

  for (Node& node : graph.nodes) {
    if (node.op == "Conv" || node.op == "ConvTranspose") convolutions[node.outputs.front()] = &node;
    if (node.op != "BatchNormalization") continue;
    const auto before = convolutions.find(node.inputs.front());
    if (before == convolutions.end() || readers.at(node.inputs.front()) != 1) continue;
    Node& convolution = *before->second;
    if (readers.at(convolution.inputs[1]) != 1) continue;

    Initialiser bias = fold(convolution, node, constants);
    if (convolution.inputs.size() > 2 && readers.at(convolution.inputs[2]) == 1 && convolution.inputs[2] == bias.name) {
      *constants.at(bias.name) = std::move(bias);
    } else {
      convolution.inputs.resize(2);
      convolution.inputs.push_back(bias.name);
      biases.push_back(std::move(bias));
    }
    convolution.outputs = node.outputs;
    folded.insert(node.name);
  }

  std::erase_if(graph.nodes, [&](const Node& node) { return folded.contains(node.name); });
  graph.initialisers.insert(graph.initialisers.end(), std::move_iterator(biases.begin()),
                            std::move_iterator(biases.end()));
  return graph;
}

}  // namespace ocrdet
