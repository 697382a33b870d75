// A graph that has one of everything: free and fixed axes, every kind of attribute, several element types, an absent
// input.
#pragma once

#include "graph/graph.h"
#include "graph/initialiser.h"

namespace ocrdet::test {

inline Graph smallGraph() {
  using Integers = std::vector<std::int64_t>;
  Graph graph;
  graph.name = "small";
  graph.opset = 13;
  graph.metadata = {{"zebra", "last"}, {"alpha", "first"}};
  graph.inputs = {{"x", DType::kFloat32, {{0, "batch"}, {3, ""}, {0, "height"}, {8, ""}}}};
  graph.outputs = {{"y", DType::kFloat32, {{0, "batch"}, {2, ""}, {0, "out_height"}, {16, ""}}}};
  graph.initialisers = {makeInitialiser("weight", {2, 3, 1, 1}, std::vector<float>{1, 2, 3, 4, 5, 6}),
                        makeInitialiser("scales", {4}, std::vector<float>{1, 1, 2, 2}),
                        makeInitialiser("starts", {1}, Integers{0}), makeInitialiser("ends", {1}, Integers{1 << 20}),
                        makeInitialiser("axes", {1}, Integers{2})};
  graph.nodes = {
      {"Conv", "conv", {"x", "weight"}, {"c"}, {{"kernel_shape", Integers{1, 1}}, {"group", std::int64_t{1}}}},
      {"Elu", "elu", {"c"}, {"e"}, {{"alpha", 0.5f}}},
      {"Resize", "up", {"e", "", "scales"}, {"u"}, {{"mode", std::string("nearest")}}},
      {"Slice", "slice", {"u", "starts", "ends", "axes"}, {"y"}, {}},
  };
  return graph;
}

}  // namespace ocrdet::test
