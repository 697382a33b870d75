// What nothing reads any more is dropped: nodes that lead to no output, and initialisers that no node reads. Runs last,
// so that other passes need not clean up behind themselves.
#pragma once

#include "graph/graph.h"

namespace ocrdet {

Graph removeUnused(Graph graph);

}  // namespace ocrdet
