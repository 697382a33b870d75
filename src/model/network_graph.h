// The network as a graph of operators, exactly as it was trained: nothing folded, nothing rearranged.
//
// It is where every export begins, and it is what an exported file is compared with (docs/onnx.md), so it stays the
// plain and obvious spelling. Nodes and initialisers carry the names of the checkpoint: the node
// "backbone.layer1.0.conv1" reads the initialiser "backbone.layer1.0.conv1.weight" and writes the value
// "backbone.layer1.0.conv1". Layers without weights have the name that PyTorch would give them ("decoder.up5"), or the
// name of the step ("backbone.layer1.0.add").
#pragma once

#include <optional>

#include "graph/graph.h"
#include "model/state_dict.h"

namespace ocrdet {

inline constexpr const char* kInputName = "input";           // float32 [batch, 3, height, width]
inline constexpr const char* kOutputName = "output";         // float32 [batch, 1, out_height, out_width], probabilities
inline constexpr const char* kLogitsName = "output_logits";  // the same before the sigmoid

struct NetworkOptions {
  // Absent: a free axis, known by its name at run time.
  std::optional<int> batch;
  std::optional<int> height;
  std::optional<int> width;
  int opset = 12;              // 11…17
  bool logits_output = false;  // a second output, kLogitsName
};

// The inference network: backbone, neck and the head `binarize`; the threshold head takes no part.
Graph buildReferenceGraph(const StateDict& weights, const NetworkOptions& options = {});

}  // namespace ocrdet
