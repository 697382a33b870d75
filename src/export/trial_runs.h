// Running the two sides of a verification on one batch: the file under test, and the reference.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "contract/file_contract.h"
#include "export/verification_inputs.h"
#include "model/state_dict.h"
#include "runtime/session.h"

namespace ocrdet {

struct TrialOutput {
  TensorShape shape;  // [N, 1, H, W]
  std::vector<float> probabilities;
  std::vector<float> logits;  // empty when that run gives none
};

// How an exported file wants its input.
struct FileInput {
  std::string name;
  DType dtype = DType::kFloat32;
  SymbolicShape shape;
  bool channels_last = false;  // uint8 [N,H,W,3] with the preprocessing embedded

  const Dimension& batch() const { return shape[0]; }
  const Dimension& height() const { return shape[channels_last ? 1 : 2]; }
  const Dimension& width() const { return shape[channels_last ? 2 : 3]; }
};

// The file's only input. Throws onnx.not-a-detector when it does not have exactly one of four dimensions.
FileInput fileInput(const Session& session);

// Runs a file of the network on the batch, in the form that its input wants. A second output, if there is one, is taken
// as logits.
TrialOutput runFile(const Session& session, const FileInput& input, const TrialBatch& batch);

// The network built anew from the checkpoint: unfolded, all optimisations off, free axes. It pads and crops outside of
// the graph, in plain loops, so that it shares nothing with --any-size.
class ReferenceNetwork {
 public:
  ReferenceNetwork(const StateDict& weights, const SessionOptions& options);
  TrialOutput run(const TrialBatch& batch) const;

 private:
  Session session_;
};

// The file's own graph with one more output, the input of its last Sigmoid; serialised. Nothing when there is none.
std::optional<std::string> withLogitsOutput(Graph graph);

}  // namespace ocrdet
