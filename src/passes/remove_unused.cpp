#include "passes/remove_unused.h"

#include <algorithm>
#include <string>
#include <unordered_set>

namespace ocrdet {

Graph removeUnused(Graph graph) {
  std::unordered_set<std::string> needed;
  for (const Value& output : graph.outputs) needed.insert(output.name);

  // Nodes stand in topological order: walking backwards meets every reader before the producer.
  std::vector<Node> kept;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    const auto isNeeded = [&](const std::string& value) { return needed.contains(value); };
    if (std::ranges::none_of(node->outputs, isNeeded)) continue;
    needed.insert(node->inputs.begin(), node->inputs.end());
    kept.push_back(std::move(*node));
  }
  std::ranges::reverse(kept);
  graph.nodes = std::move(kept);

  std::erase_if(graph.initialisers, [&](const Initialiser& initialiser) { return !needed.contains(initialiser.name); });
  return graph;
}

}  // namespace ocrdet
