#include "passes/pipeline.h"

#include <string>
#include <utility>

#include "graph/shape_inference.h"
#include "graph/validate.h"
#include "model/network_graph.h"
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
  return graph;
}

}  // namespace ocrdet
