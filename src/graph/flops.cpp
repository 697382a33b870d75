#include "graph/flops.h"

#include <algorithm>
#include <limits>
#include <span>

namespace ocrdet {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::int64_t times(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kMost : product;
}

std::int64_t product(std::span<const std::int64_t> factors) {
  std::int64_t result = 1;
  for (const std::int64_t factor : factors) result = times(result, factor);
  return result;
}

const TensorShape* shapeOf(const ValueTable& values, const Node& node, std::size_t input) {
  if (input >= node.inputs.size()) return nullptr;
  const auto found = values.find(node.inputs[input]);
  return found == values.end() ? nullptr : &found->second.shape;
}

// Weights are [Cout, Cin/groups, k…]: each output element takes one product for each weight of its channel.
std::int64_t convolution(const TensorShape& weights, const TensorShape& output) {
  return times(product(output), product(std::span(weights).subspan(1)));
}

// Weights are [Cin, Cout/groups, k…]: each input element is spread over all weights of its channel.
std::int64_t transposedConvolution(const TensorShape& weights, const TensorShape& input) {
  return times(product(input), product(std::span(weights).subspan(1)));
}

std::int64_t nodeCost(const Node& node, const ValueTable& values) {
  const TensorShape* first = shapeOf(values, node, 0);
  const TensorShape* second = shapeOf(values, node, 1);
  const auto output = node.outputs.empty() ? values.end() : values.find(node.outputs.front());
  if (first == nullptr || second == nullptr || output == values.end()) return 0;
  if (first->empty() || second->empty()) return 0;
  if (node.op == "Conv") return convolution(*second, output->second.shape);
  if (node.op == "ConvTranspose") return transposedConvolution(*second, *first);
  if (node.op == "MatMul") return times(product(output->second.shape), first->back());
  if (node.op == "Gemm") {
    const auto flag = node.attributes.find("transA");
    const auto* transposed = flag == node.attributes.end() ? nullptr : std::get_if<std::int64_t>(&flag->second);
    return times(product(output->second.shape),
                 transposed != nullptr && *transposed != 0 ? first->front() : first->back());
  }
  return 0;
}

}  // namespace

GraphCost countMultiplyAdds(const Graph& graph, const ValueTable& values) {
  GraphCost cost;
  for (const Node& node : graph.nodes) {
    const std::int64_t count = nodeCost(node, values);
    if (count == 0) continue;
    cost.nodes.push_back({node.name, node.op, count});
    cost.multiply_adds = std::min(cost.multiply_adds, kMost - count) + count;
  }
  return cost;
}

}  // namespace ocrdet
