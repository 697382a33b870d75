#include "passes/pipeline.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "graph/shape_inference.h"
#include "graph/validate.h"
#include "model/network_graph.h"
#include "ocrdet/error.h"
#include "passes/embed_preprocess.h"
#include "passes/float16.h"
#include "passes/fold_batch_norm.h"
#include "passes/pad_to_multiple.h"
#include "passes/remove_unused.h"

namespace ocrdet {
namespace {

constexpr std::int64_t kMultiple = 32;  // five halvings

struct Pass {
  const char* name;
  bool (*wanted)(const GraphOptions&);
  Graph (*run)(Graph, const GraphOptions&);
};

bool always(const GraphOptions&) {
  return true;
}

// In the order of running: arithmetic first; then the precision of what is left; then what goes around the network,
// from the inside to the outside, so that padding sees normalised float values and stays float32 where the input does.
constexpr Pass kPasses[] = {
    {"fold_batch_norm", always, [](Graph graph, const GraphOptions&) { return foldBatchNorm(std::move(graph)); }},
    {"float16", [](const GraphOptions& options) { return options.precision == GraphOptions::kFloat16; },
     [](Graph graph, const GraphOptions& options) { return convertToFloat16(std::move(graph), options.float16_io); }},
    {"pad_to_multiple", [](const GraphOptions& options) { return options.any_size; },
     [](Graph graph, const GraphOptions&) { return padToMultiple(std::move(graph), kMultiple); }},
    {"embed_preprocess", [](const GraphOptions& options) { return options.embed_preprocess; },
     [](Graph graph, const GraphOptions&) { return embedPreprocess(std::move(graph)); }},
    {"remove_unused", always, [](Graph graph, const GraphOptions&) { return removeUnused(std::move(graph)); }},
};

// Proves that all maps meet and that the outputs are what the graph declares; free axes take an awkward length if the
// graph promises any size.
void proveShapes(const Graph& graph, bool any_size) {
  const std::int64_t length = any_size ? 3 * kMultiple + 1 : 3 * kMultiple;
  inferShapes(graph, {{"batch", 2}, {"height", length}, {"width", length + kMultiple}});
}

// Sizes with a remainder of 29 to 31 run, but their output is larger than the input.
void proveOutputSize(const Graph& graph, const GraphOptions& options) {
  const SymbolicShape& output = graph.outputs.front().shape;
  for (const auto& [asked, axis] : {std::pair(options.height, 2), std::pair(options.width, 3)}) {
    const Dimension& declared = output[static_cast<std::size_t>(axis)];
    if (!asked || !declared.fixed() || declared.length == *asked) continue;
    throw Error({&codes::kGraphShapeMismatch,
                 fmt::format("An input side of {} gives an output side of {}.", *asked, declared.length),
                 "Use a multiple of 32, or pad inside the file (any size)."});
  }
}

}  // namespace

Graph buildExportGraph(const StateDict& weights, const GraphOptions& options) {
  NetworkOptions network;
  network.batch = options.batch;
  network.height = options.height;
  network.width = options.width;
  network.opset = options.opset;
  Graph graph = buildReferenceGraph(weights, network);

  std::string passes;
  for (const Pass& pass : kPasses) {
    if (!pass.wanted(options)) continue;
    graph = pass.run(std::move(graph), options);
    passes += (passes.empty() ? "" : ",") + std::string(pass.name);
  }
  graph.metadata["ocrdet.passes"] = passes;
  validate(graph);
  proveShapes(graph, options.any_size);
  proveOutputSize(graph, options);
  return graph;
}

}  // namespace ocrdet
