#include "graph/liveness.h"

#include <algorithm>
#include <map>

namespace ocrdet {

std::vector<LiveRange> liveRanges(const Graph& graph, const ValueTable& values) {
  std::vector<LiveRange> ranges;
  std::map<std::string, std::size_t> range_of;
  for (std::size_t step = 0; step < graph.nodes.size(); ++step) {
    for (const std::string& input : graph.nodes[step].inputs) {
      if (const auto found = range_of.find(input); found != range_of.end()) ranges[found->second].last = step;
    }
    for (const std::string& output : graph.nodes[step].outputs) {
      if (output.empty()) continue;
      range_of[output] = ranges.size();
      ranges.push_back({output, byteSize(values.at(output)), step, step});
    }
  }
  for (const Value& output : graph.outputs) {
    if (const auto found = range_of.find(output.name); found != range_of.end()) {
      ranges[found->second].last = graph.nodes.size() - 1;
    }
  }
  return ranges;
}

LivePeak peakOf(const std::vector<LiveRange>& ranges) {
  std::map<std::size_t, std::int64_t> change;  // of the bytes alive, before each step
  for (const LiveRange& range : ranges) {
    change[range.first] += range.bytes;
    change[range.last + 1] -= range.bytes;
  }
  LivePeak peak;
  std::int64_t alive = 0;
  for (const auto& [step, bytes] : change) {
    alive += bytes;
    if (alive > peak.bytes) {
      peak.bytes = alive;
      peak.step = step;
    }
  }
  for (const LiveRange& range : ranges) {
    if (range.first <= peak.step && peak.step <= range.last) peak.alive.push_back(range);
  }
  std::stable_sort(peak.alive.begin(), peak.alive.end(),
                   [](const LiveRange& a, const LiveRange& b) { return a.bytes > b.bytes; });
  return peak;
}

}  // namespace ocrdet
