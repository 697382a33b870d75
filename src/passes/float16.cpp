#include "passes/float16.h"

#include <fmt/format.h>

#include <string>
#include <unordered_set>
#include <utility>

#include "graph/element_type.h"
#include "graph/initialiser.h"
#include "ocrdet/error.h"
#include "passes/rewriting.h"
#include "tensor/float16.h"

namespace ocrdet {
namespace {

// Initialisers that are instructions rather than data.
std::unordered_set<std::string> controlValues(const Graph& graph) {
  std::unordered_set<std::string> values;
  for (const Node& node : graph.nodes)
    if (node.op == "Resize" && !node.inputs.empty()) values.insert(node.inputs.begin() + 1, node.inputs.end());
  return values;
}

// Narrows in place. False when a value has no finite float16.
bool narrow(Initialiser& weight) {
  constexpr std::uint16_t kExponent = 0x7c00;  // all ones: infinity or not a number
  const std::size_t count = weight.bytes.size() / sizeof(float);
  std::string bytes(count * sizeof(std::uint16_t), '\0');
  bool finite = true;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint16_t half = float32ToFloat16(loadFloat(weight.bytes.data(), i));
    finite &= (half & kExponent) != kExponent;
    std::memcpy(bytes.data() + i * sizeof(half), &half, sizeof(half));
  }
  weight.dtype = DType::kFloat16;
  weight.bytes = std::move(bytes);
  return finite;
}

void narrowWeights(Graph& graph) {
  const std::unordered_set<std::string> control = controlValues(graph);
  std::vector<Problem> problems;
  for (Initialiser& weight : graph.initialisers) {
    if (weight.dtype != DType::kFloat32 || control.contains(weight.name)) continue;
    if (!narrow(weight))
      problems.push_back(
          {&codes::kGraphFloat16Range,
           fmt::format("'{}' holds a value beyond 65504, or one that is not a number: float16 cannot hold it.",
                       weight.name),
           "Export with --precision fp32.",
           {{"initialiser", weight.name}}});
  }
  if (!problems.empty()) throw Error(std::move(problems));
}

Node cast(std::string name, const std::string& from, const std::string& to, DType dtype) {
  return {"Cast", std::move(name), {from}, {to}, {{"to", onnxElementType(dtype)}}};
}

}  // namespace

Graph convertToFloat16(Graph graph, bool float16_io) {
  narrowWeights(graph);
  for (Value& input : graph.inputs) {
    if (input.dtype != DType::kFloat32) continue;
    if (float16_io) {
      input.dtype = DType::kFloat16;
      continue;
    }
    const std::string inner = input.name + "_float16";
    redirectReaders(graph, input.name, inner);
    prependNodes(graph, {cast(input.name + "_to_float16", input.name, inner, DType::kFloat16)});
  }
  for (Value& output : graph.outputs) {
    if (output.dtype != DType::kFloat32) continue;
    if (float16_io) {
      output.dtype = DType::kFloat16;
      continue;
    }
    const std::string inner = output.name + "_float16";
    renameResult(graph, output.name, inner);
    graph.nodes.push_back(cast(output.name + "_to_float32", inner, output.name, DType::kFloat32));
  }
  return graph;
}

}  // namespace ocrdet
