// One rule per operator: from what is known of a node's inputs to what is known of its output.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "graph/graph.h"
#include "graph/shape_inference.h"

namespace ocrdet {

struct KnownValue {
  ConcreteValue type;
  std::optional<std::vector<std::int64_t>> integers;  // the contents, of integer tensors with few elements
  const Initialiser* constant = nullptr;              // where the contents are fixed
};

// `inputs` runs parallel to node.inputs; an absent optional input is null. Throws graph.shape-mismatch when the inputs
// do not fit the operator, graph.unsupported-operator when there is no rule.
KnownValue inferNode(const Node& node, std::span<const KnownValue* const> inputs);

// Integer contents of a constant, when it is int64 or int32 with at most 64 elements.
std::optional<std::vector<std::int64_t>> smallIntegers(const Initialiser& constant);

}  // namespace ocrdet
