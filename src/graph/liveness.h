// Which values are alive when, and how much memory they take together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "graph/shape_inference.h"

namespace ocrdet {

// Memory that is taken before step `first` runs and given back after step `last` has run.
struct LiveRange {
  std::string name;
  std::int64_t bytes = 0;
  std::size_t first = 0;
  std::size_t last = 0;
};

// One range for each value that a node computes; step i is node i. Outputs of the graph live to the end; a value that
// nobody reads lives during its own step. Inputs and initialisers belong to others and are left out.
std::vector<LiveRange> liveRanges(const Graph& graph, const ValueTable& values);

struct LivePeak {
  std::int64_t bytes = 0;
  std::size_t step = 0;          // the first one where the peak is reached
  std::vector<LiveRange> alive;  // there, the largest first
};

LivePeak peakOf(const std::vector<LiveRange>& ranges);

}  // namespace ocrdet
