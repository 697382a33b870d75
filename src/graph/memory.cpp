#include "graph/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "graph/arena.h"
#include "graph/execution_plan.h"
#include "graph/liveness.h"

namespace ocrdet {
namespace {

// Measured with ONNX Runtime 1.29 (docs/memory.md): the program, the library and its session without any weights.
constexpr std::int64_t kProcessBytes = 38'000'000;
// While a file is loaded, its weights lie in the heap as the file's message, as initialisers, and in the blocked
// layout. Only the last are needed afterwards, but the heap keeps most of what the others took. The message has them as
// the file has them, the others as float32.
constexpr double kMessageCopies = 0.8;
constexpr double kComputedCopies = 2.4;
constexpr std::size_t kLargestShares = 5;

double loadedWeightBytes(const Graph& graph) {
  double bytes = 0;
  for (const Initialiser& initialiser : graph.initialisers) {
    const double widened = initialiser.dtype == DType::kFloat16 ? 2 : 1;
    bytes += static_cast<double>(initialiser.bytes.size()) * (kMessageCopies + kComputedCopies * widened);
  }
  return bytes;
}

// The peak of what is alive, whatever allocator is used: it names the node and the shares.
LivePeak livePeak(const ExecutionPlan& plan) {
  std::vector<LiveRange> ranges = plan.buffers;
  for (std::size_t step = 0; step < plan.steps.size(); ++step) {
    if (plan.steps[step].workspace_bytes == 0) continue;
    ranges.push_back({plan.steps[step].node + " (workspace)", plan.steps[step].workspace_bytes, step, step});
  }
  return peakOf(ranges);
}

// What the arena has touched after the plan ran in it once.
std::int64_t arenaPeak(const ExecutionPlan& plan) {
  std::multimap<std::size_t, std::size_t> begins, ends;  // buffers by step
  for (std::size_t buffer = 0; buffer < plan.buffers.size(); ++buffer) {
    begins.emplace(plan.buffers[buffer].first, buffer);
    ends.emplace(plan.buffers[buffer].last, buffer);
  }
  Arena arena;
  arena.release(arena.allocate(1));  // loading the file took the first, small region
  std::vector<std::size_t> handles(plan.buffers.size());
  for (std::size_t step = 0; step < plan.steps.size(); ++step) {
    const auto [first_begin, last_begin] = begins.equal_range(step);
    for (auto it = first_begin; it != last_begin; ++it) {
      handles[it->second] = arena.allocate(plan.buffers[it->second].bytes);
    }
    if (plan.steps[step].workspace_bytes > 0) arena.release(arena.allocate(plan.steps[step].workspace_bytes));
    const auto [first_end, last_end] = ends.equal_range(step);
    for (auto it = first_end; it != last_end; ++it) arena.release(handles[it->second]);
  }
  return arena.touchedBytes();
}

std::string megabytes(std::int64_t bytes) {
  return fmt::format("{} MB", (bytes + 500'000) / 1'000'000);
}

}  // namespace

MemoryPrediction predictPeakMemory(const Graph& graph, const SymbolLengths& lengths, const RunSettings& settings) {
  const ValueTable values = inferShapes(graph, lengths);
  const ExecutionPlan plan = planExecution(graph, values);
  const LivePeak alive = livePeak(plan);

  MemoryPrediction prediction;
  prediction.loaded_bytes = kProcessBytes + static_cast<std::int64_t>(loadedWeightBytes(graph));
  for (const Value& input : graph.inputs) prediction.input_bytes += byteSize(values.at(input.name));
  // Where the arena leaves holes depends on single kilobytes. What is alive bounds its memory from below, and the model
  // of it errs on the large side, by up to a fifth: the middle of both is closest to the measurements.
  prediction.activation_bytes = settings.arena ? (alive.bytes + arenaPeak(plan)) / 2 : alive.bytes;
  prediction.peak_bytes = prediction.loaded_bytes + prediction.input_bytes + prediction.activation_bytes;

  if (!plan.steps.empty()) prediction.node = plan.steps[alive.step].node;
  prediction.largest.push_back({"process and weights", prediction.loaded_bytes});
  prediction.largest.push_back({"input", prediction.input_bytes});
  for (const LiveRange& range : alive.alive) prediction.largest.push_back({range.name, range.bytes});
  std::stable_sort(prediction.largest.begin(), prediction.largest.end(),
                   [](const MemoryShare& a, const MemoryShare& b) { return a.bytes > b.bytes; });
  prediction.largest.resize(std::min(prediction.largest.size(), kLargestShares));
  return prediction;
}

std::string describe(const MemoryPrediction& prediction) {
  std::string shares;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, prediction.largest.size()); ++i) {
    const MemoryShare& share = prediction.largest[i];
    shares += fmt::format("{}{} {}", i == 0 ? "" : ", ", share.name, megabytes(share.bytes));
  }
  return fmt::format("{} at {}: {}.", megabytes(prediction.peak_bytes), prediction.node, shares);
}

}  // namespace ocrdet
