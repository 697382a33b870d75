// A small graph of ONNX operators: what the model builds, the passes rewrite and src/onnx writes.
//
// It mirrors ONNX on purpose (values are names, nodes are in topological order), but knows nothing of protobuf, and its
// shapes keep their symbols ("batch", "height"). All of it is plain data: a pass is a function from graph to graph.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "tensor/tensor.h"

namespace ocrdet {

// A fixed length, or the name of one that is known only at run time.
struct Dimension {
  std::int64_t length = 0;  // used when symbol is empty
  std::string symbol;

  bool fixed() const { return symbol.empty(); }
  bool operator==(const Dimension&) const = default;
};

using SymbolicShape = std::vector<Dimension>;

struct Value {
  std::string name;
  DType dtype = DType::kFloat32;
  SymbolicShape shape;
};

using AttributeValue = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>>;

struct Node {
  std::string op;                   // ONNX operator of the default domain: "Conv"
  std::string name;                 // the checkpoint's own layer name: "backbone.layer1.0.conv1"
  std::vector<std::string> inputs;  // an empty name is an absent optional input
  std::vector<std::string> outputs;
  std::map<std::string, AttributeValue> attributes;
};

// Constant data, contiguous, row-major, little-endian. A std::string because protobuf takes one over without a copy.
struct Initialiser {
  std::string name;
  DType dtype = DType::kFloat32;
  TensorShape shape;
  std::string bytes;
};

struct Graph {
  std::string name;
  int opset = 12;
  std::vector<Value> inputs;
  std::vector<Value> outputs;
  std::vector<Node> nodes;
  std::vector<Initialiser> initialisers;
  std::map<std::string, std::string> metadata;
};

}  // namespace ocrdet
