// The arithmetic of a graph: multiply-accumulates of each node.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "graph/shape_inference.h"

namespace ocrdet {

struct NodeCost {
  std::string node;
  std::string op;
  std::int64_t multiply_adds = 0;
};

struct GraphCost {
  std::int64_t multiply_adds = 0;  // of all nodes; FLOPs are twice as many
  std::vector<NodeCost> nodes;     // those that multiply, in the graph's order

  std::int64_t flops() const { return 2 * multiply_adds; }
};

// Counts convolutions, transposed convolutions and matrix products, as papers do: everything else moves memory more
// than it computes. Multiplications with padding count. Saturates instead of overflowing.
GraphCost countMultiplyAdds(const Graph& graph, const ValueTable& values);

}  // namespace ocrdet
