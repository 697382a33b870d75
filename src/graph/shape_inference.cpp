#include "graph/shape_inference.h"

#include <fmt/format.h>

#include <unordered_map>
#include <utility>

#include "graph/operator_shapes.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

[[noreturn]] void mismatch(std::string message, std::string advice) {
  throw Error(Problem{&codes::kGraphShapeMismatch, std::move(message), std::move(advice)});
}

ConcreteValue concreteInput(const Value& input, const SymbolLengths& symbols) {
  ConcreteValue value{input.dtype, {}};
  for (const Dimension& dimension : input.shape) {
    const auto symbol = symbols.find(dimension.symbol);
    if (!dimension.fixed() && symbol == symbols.end())
      mismatch(fmt::format("The axis '{}' of the input '{}' has no length.", dimension.symbol, input.name),
               "Give a length for every free axis.");
    const std::int64_t length = dimension.fixed() ? dimension.length : symbol->second;
    if (length < 1)
      mismatch(fmt::format("An axis of the input '{}' has the length {}.", input.name, length),
               "Lengths are 1 or more.");
    value.shape.push_back(length);
  }
  return value;
}

// A free axis of an output takes the inferred length, the same wherever its name appears.
void checkOutput(const Value& output, const ConcreteValue& inferred, SymbolLengths& symbols) {
  const auto disagree = [&] {
    mismatch(fmt::format("The output '{}' is computed as {} {}, which is not what the graph declares.", output.name,
                         toText(inferred.shape), name(inferred.dtype)),
             "The input size breaks the size contract, or the model file is wrong.");
  };
  if (output.dtype != inferred.dtype || output.shape.size() != inferred.shape.size()) disagree();
  for (std::size_t axis = 0; axis < inferred.shape.size(); ++axis) {
    const Dimension& dimension = output.shape[axis];
    const std::int64_t declared =
        dimension.fixed() ? dimension.length : symbols.emplace(dimension.symbol, inferred.shape[axis]).first->second;
    if (declared != inferred.shape[axis]) disagree();
  }
}

}  // namespace

ValueTable inferShapes(const Graph& graph, const SymbolLengths& symbols) {
  std::unordered_map<std::string, KnownValue> known;
  for (const Value& input : graph.inputs) known[input.name] = {concreteInput(input, symbols), std::nullopt, nullptr};
  for (const Initialiser& constant : graph.initialisers)
    known[constant.name] = {{constant.dtype, constant.shape}, smallIntegers(constant), &constant};

  std::vector<const KnownValue*> inputs;
  for (const Node& node : graph.nodes) {
    inputs.clear();
    for (const std::string& input : node.inputs) {
      const auto found = known.find(input);
      if (!input.empty() && found == known.end())
        mismatch(
            fmt::format("The node '{}' ({}) reads '{}', which is not produced before it.", node.name, node.op, input),
            "The model file is wrong.");
      inputs.push_back(input.empty() ? nullptr : &found->second);
    }
    if (node.outputs.size() != 1)
      throw Error(Problem{&codes::kGraphUnsupportedOperator,
                          fmt::format("The node '{}' ({}) has {} outputs.", node.name, node.op, node.outputs.size()),
                          "Shapes are inferred for the operators that ocrdet writes; all have one output."});
    known[node.outputs.front()] = inferNode(node, inputs);
  }

  SymbolLengths bound = symbols;
  for (const Value& output : graph.outputs) {
    const auto found = known.find(output.name);
    if (found == known.end())
      mismatch(fmt::format("The output '{}' is not produced.", output.name), "The model file is wrong.");
    checkOutput(output, found->second.type, bound);
  }

  ValueTable values;
  for (auto& [value_name, value] : known) values.emplace(value_name, std::move(value.type));
  return values;
}

std::int64_t byteSize(const ConcreteValue& value) {
  return elementCount(value.shape).value_or(0) * static_cast<std::int64_t>(byteSize(value.dtype));
}

}  // namespace ocrdet
