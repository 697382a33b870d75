#include "passes/pad_to_multiple.h"

#include <array>
#include <string>
#include <utility>

#include "graph/initialiser.h"
#include "passes/rewriting.h"

namespace ocrdet {
namespace {

using Four = std::array<std::int64_t, 4>;

constexpr const char* kPads = "pad.pads";
constexpr const char* kCropStarts = "crop.starts";

// Where the crop of the outputs ends: a constant, or the input's shape at run time.
struct Frame {
  std::string ends;
  std::vector<Node> nodes;  // that compute the pads and the ends
};

Frame fixedFrame(Graph& graph, std::int64_t height, std::int64_t width, std::int64_t multiple) {
  const auto missing = [multiple](std::int64_t length) { return (multiple - length % multiple) % multiple; };
  const std::array<std::int64_t, 8> pads{0, 0, 0, 0, 0, 0, missing(height), missing(width)};
  // The first two ends lie beyond any batch and channel.
  constexpr std::int64_t kAll = std::int64_t{1} << 31;
  graph.initialisers.push_back(makeInitialiser(kPads, {8}, pads));
  graph.initialisers.push_back(makeInitialiser("crop.ends", {4}, Four{kAll, kAll, height, width}));
  return {"crop.ends", {}};
}

Frame freeFrame(Graph& graph, const std::string& input, std::int64_t multiple) {
  graph.initialisers.push_back(makeInitialiser("pad.multiples", {4}, Four{1, 1, multiple, multiple}));
  graph.initialisers.push_back(makeInitialiser("pad.before", {4}, Four{0, 0, 0, 0}));
  return {"pad.shape",
          {
              {"Shape", "pad.shape", {input}, {"pad.shape"}, {}},
              {"Neg", "pad.negative", {"pad.shape"}, {"pad.negative"}, {}},
              {"Mod", "pad.after", {"pad.negative", "pad.multiples"}, {"pad.after"}, {{"fmod", std::int64_t{0}}}},
              {"Concat", "pad.pads", {"pad.before", "pad.after"}, {kPads}, {{"axis", std::int64_t{0}}}},
          }};
}

void cropOutput(Graph& graph, Value& output, const Value& input, const std::string& ends) {
  const std::string padded = output.name + "_padded";
  renameResult(graph, output.name, padded);
  graph.nodes.push_back({"Slice", "crop." + output.name, {padded, kCropStarts, ends}, {output.name}, {}});
  for (const std::size_t axis : {2u, 3u})
    if (input.shape[axis].fixed()) output.shape[axis] = input.shape[axis];
}

}  // namespace

Graph padToMultiple(Graph graph, std::int64_t multiple) {
  const Value& input = graph.inputs.front();
  const Dimension& height = input.shape[2];
  const Dimension& width = input.shape[3];
  const bool fixed = height.fixed() && width.fixed();
  if (fixed && height.length % multiple == 0 && width.length % multiple == 0) return graph;

  const std::string padded = input.name + "_padded";
  redirectReaders(graph, input.name, padded);
  Frame frame =
      fixed ? fixedFrame(graph, height.length, width.length, multiple) : freeFrame(graph, input.name, multiple);
  frame.nodes.push_back({"Pad", "pad", {input.name, kPads}, {padded}, {{"mode", std::string("constant")}}});
  prependNodes(graph, std::move(frame.nodes));

  graph.initialisers.push_back(makeInitialiser(kCropStarts, {4}, Four{0, 0, 0, 0}));
  for (Value& output : graph.outputs) cropOutput(graph, output, input, frame.ends);
  return graph;
}

}  // namespace ocrdet
