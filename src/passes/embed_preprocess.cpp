#include "passes/embed_preprocess.h"

#include <string>
#include <utility>

#include "graph/element_type.h"
#include "graph/initialiser.h"
#include "passes/rewriting.h"

namespace ocrdet {

Graph embedPreprocess(Graph graph) {
  Value& input = graph.inputs.front();
  const std::string normalised = input.name + "_normalised";
  redirectReaders(graph, input.name, normalised);
  graph.initialisers.push_back(makeInitialiser("preprocess.mean", {1, 3, 1, 1}, kMeans));
  graph.initialisers.push_back(makeInitialiser("preprocess.divisor", {}, std::array{255.0f}));

  std::vector<Node> nodes{
      {"Transpose",
       "preprocess.transpose",
       {input.name},
       {"preprocess.transpose"},
       {{"perm", TensorShape{0, 3, 1, 2}}}},
      {"Cast",
       "preprocess.cast",
       {"preprocess.transpose"},
       {"preprocess.cast"},
       {{"to", onnxElementType(DType::kFloat32)}}},
      {"Sub", "preprocess.subtract", {"preprocess.cast", "preprocess.mean"}, {"preprocess.subtract"}, {}},
      {"Div", "preprocess.divide", {"preprocess.subtract", "preprocess.divisor"}, {normalised}, {}},
  };
  if (input.dtype == DType::kFloat16) {
    // Whole pixels minus the mean lose up to 1/16 in float16: only the result is narrowed.
    nodes.back().outputs = {"preprocess.divide"};
    nodes.push_back(
        {"Cast", "preprocess.narrow", {"preprocess.divide"}, {normalised}, {{"to", onnxElementType(DType::kFloat16)}}});
  }
  prependNodes(graph, std::move(nodes));

  input.dtype = DType::kUint8;
  const SymbolicShape planes = input.shape;
  input.shape = {planes[0], planes[2], planes[3], planes[1]};
  return graph;
}

}  // namespace ocrdet
