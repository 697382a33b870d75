// Looking into graphs: how many nodes of an operator, which initialiser, which node.
#pragma once

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>

#include "graph/graph.h"
#include "support/formula_weights.h"

namespace ocrdet::test {

// Made once for each test program.
inline const StateDict& formulaWeights() {
  static const StateDict weights = formulaStateDict();
  return weights;
}

inline std::map<std::string, int> operatorCounts(const Graph& graph) {
  std::map<std::string, int> counts;
  for (const Node& node : graph.nodes) ++counts[node.op];
  return counts;
}

// Throws std::out_of_range when there is none.
inline const Initialiser& initialiserOf(const Graph& graph, const std::string& name) {
  const auto found = std::ranges::find(graph.initialisers, name, &Initialiser::name);
  if (found == graph.initialisers.end()) throw std::out_of_range("no initialiser " + name);
  return *found;
}

inline const Node& nodeOf(const Graph& graph, const std::string& name) {
  const auto found = std::ranges::find(graph.nodes, name, &Node::name);
  if (found == graph.nodes.end()) throw std::out_of_range("no node " + name);
  return *found;
}

}  // namespace ocrdet::test
