// What every graph must satisfy before it is written: the rules that a bug in a pass would break first.
//
// Values have one producer and are produced before they are read (so the order is topological and free of cycles),
// names are there and unique, nothing is unused, and each initialiser has as many bytes as its shape asks for.
#pragma once

#include "graph/graph.h"

namespace ocrdet {

// Throws graph.invalid with one problem for each broken rule.
void validate(const Graph& graph);

}  // namespace ocrdet
