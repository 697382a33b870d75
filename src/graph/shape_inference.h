// Shape inference: the concrete type and shape of every value of a graph, once its free axes have a length.
//
//   const ValueTable values = inferShapes(graph, {{"batch", 1}, {"height", 736}, {"width", 1280}});
//   values.at("backbone.conv1").shape;   // 1×64×368×640
//
// It follows ONNX's definitions for the operators that we emit (operator_shapes.cpp has one rule each) and carries the
// contents of small integer tensors along, because the pads of an any-size graph are computed from Shape at run time.
// FLOPs, liveness and memory prediction stand on it. It is also the proof that maps of different levels meet: a size
// that breaks the contract ends in graph.shape-mismatch with the node and the two shapes.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "graph/graph.h"

namespace ocrdet {

struct ConcreteValue {
  DType dtype = DType::kFloat32;
  TensorShape shape;

  bool operator==(const ConcreteValue&) const = default;
};

using ValueTable = std::map<std::string, ConcreteValue>;    // by value name: inputs, initialisers, node outputs
using SymbolLengths = std::map<std::string, std::int64_t>;  // by axis name: "height"

// Every axis name of the graph's inputs needs a positive length in `symbols`; those of the outputs follow from
// inference, and what the outputs declare must agree with it. Throws graph.shape-mismatch or
// graph.unsupported-operator.
ValueTable inferShapes(const Graph& graph, const SymbolLengths& symbols);

// Bytes of a value's contents.
std::int64_t byteSize(const ConcreteValue& value);

}  // namespace ocrdet
