#include "passes/rewriting.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ocrdet {

std::unordered_map<std::string, int> countReaders(const Graph& graph) {
  std::unordered_map<std::string, int> readers;
  for (const Node& node : graph.nodes)
    for (const std::string& input : node.inputs)
      if (!input.empty()) ++readers[input];
  for (const Value& output : graph.outputs) ++readers[output.name];
  return readers;
}

std::unordered_map<std::string, Initialiser*> constantsByName(Graph& graph) {
  std::unordered_map<std::string, Initialiser*> constants;
  for (Initialiser& initialiser : graph.initialisers) constants[initialiser.name] = &initialiser;
  return constants;
}

void redirectReaders(Graph& graph, const std::string& value, const std::string& replacement) {
  for (Node& node : graph.nodes) std::ranges::replace(node.inputs, value, replacement);
}

void renameResult(Graph& graph, const std::string& output, const std::string& inner) {
  redirectReaders(graph, output, inner);
  for (Node& node : graph.nodes) std::ranges::replace(node.outputs, output, inner);
}

void prependNodes(Graph& graph, std::vector<Node> nodes) {
  graph.nodes.insert(graph.nodes.begin(), std::move_iterator(nodes.begin()), std::move_iterator(nodes.end()));
}

}  // namespace ocrdet
