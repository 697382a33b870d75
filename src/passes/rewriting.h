// What the passes have in common: who reads a value, where a constant lies, and putting nodes before the first or
// behind the last node of a graph.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "graph/graph.h"

namespace ocrdet {

// How often each value is read, by nodes and as an output of the graph. Values that nothing reads are absent.
std::unordered_map<std::string, int> countReaders(const Graph& graph);

// Initialisers by name, valid until graph.initialisers changes its size.
std::unordered_map<std::string, Initialiser*> constantsByName(Graph& graph);

// Everything that read `value` reads `replacement` from now on; outputs of the graph keep their name.
void redirectReaders(Graph& graph, const std::string& value, const std::string& replacement);

// Gives the result called `output` the name `inner`, so that nodes put behind it can take over the name `output`. Other
// readers follow.
void renameResult(Graph& graph, const std::string& output, const std::string& inner);

void prependNodes(Graph& graph, std::vector<Node> nodes);

}  // namespace ocrdet
