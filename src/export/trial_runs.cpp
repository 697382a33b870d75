#include "export/trial_runs.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/network_graph.h"
#include "onnx/serialise.h"
#include "tensor/float16.h"

namespace ocrdet {
namespace {

std::int64_t roundedUp(std::int64_t side) {
  return (side + kSizeMultiple - 1) / kSizeMultiple * kSizeMultiple;
}

Tensor float16Tensor(TensorShape shape, const std::vector<float>& values) {
  auto bits = std::make_shared<std::vector<std::uint16_t>>(values.size());
  std::transform(values.begin(), values.end(), bits->begin(), float32ToFloat16);
  Tensor tensor = viewOf(std::move(shape), std::span<const float>());
  tensor.dtype = DType::kFloat16;
  tensor.storage = {std::as_bytes(std::span(*bits)), bits};
  return tensor;
}

// Keeps the top left height × width of every map.
std::vector<float> cropped(const std::vector<float>& maps, const TensorShape& shape, std::int64_t height,
                           std::int64_t width) {
  std::vector<float> kept;
  kept.reserve(static_cast<std::size_t>(shape[0] * height * width));
  for (std::int64_t n = 0; n < shape[0]; ++n) {
    for (std::int64_t y = 0; y < height; ++y) {
      const float* row = maps.data() + (n * shape[2] + y) * shape[3];
      kept.insert(kept.end(), row, row + width);
    }
  }
  return kept;
}

// Padding, where there was some, is cut off the logits: with --any-size they lie before the crop.
TrialOutput outputOf(const std::vector<NamedTensor>& outputs, const TrialBatch& batch) {
  TrialOutput result;
  result.shape = outputs.at(0).tensor.shape;
  result.probabilities = toFloat32(outputs[0].tensor);
  if (outputs.size() > 1) {
    result.logits = cropped(toFloat32(outputs[1].tensor), outputs[1].tensor.shape, batch.height, batch.width);
  }
  return result;
}

}  // namespace

FileInput fileInput(const Session& session) {
  const std::vector<Value>& inputs = session.inputs();
  if (inputs.size() != 1 || inputs[0].shape.size() != 4 || session.outputs().empty()) {
    throw Error(
        {&codes::kOnnxNotADetector,
         fmt::format("The file has {} inputs; a detector of this network has one, of four dimensions.", inputs.size()),
         "`ocrdet inspect FILE` shows what the file is."});
  }
  FileInput input{inputs[0].name, inputs[0].dtype, inputs[0].shape, false};
  input.channels_last = input.dtype == DType::kUint8;
  return input;
}

TrialOutput runFile(const Session& session, const FileInput& input, const TrialBatch& batch) {
  const Size size{batch.height, batch.width};
  if (input.channels_last) {
    const std::vector<std::uint8_t> bytes = interleavedBytes(batch);
    return outputOf(session.run({{input.name, viewOf({batch.count(), size.height, size.width, 3}, bytes)}}), batch);
  }
  const std::vector<float> planes = normalisedPlanes(batch, size);
  const TensorShape shape{batch.count(), 3, size.height, size.width};
  if (input.dtype == DType::kFloat16) return outputOf(session.run({{input.name, float16Tensor(shape, planes)}}), batch);
  return outputOf(session.run({{input.name, viewOf(shape, planes)}}), batch);
}

ReferenceNetwork::ReferenceNetwork(const StateDict& weights, const SessionOptions& options)
    : session_([&] {
        const std::string bytes = serialiseOnnx(buildReferenceGraph(weights, {.logits_output = true}));
        return Session::fromBytes(std::as_bytes(std::span(bytes)), options);
      }()) {}

TrialOutput ReferenceNetwork::run(const TrialBatch& batch) const {
  const Size padded{roundedUp(batch.height), roundedUp(batch.width)};
  const std::vector<float> planes = normalisedPlanes(batch, padded);
  TrialOutput output =
      outputOf(session_.run({{kInputName, viewOf({batch.count(), 3, padded.height, padded.width}, planes)}}), batch);
  output.probabilities = cropped(output.probabilities, output.shape, batch.height, batch.width);
  output.shape = {batch.count(), 1, batch.height, batch.width};
  return output;
}

std::optional<std::string> withLogitsOutput(Graph graph) {
  const auto sigmoid =
      std::find_if(graph.nodes.rbegin(), graph.nodes.rend(), [](const Node& node) { return node.op == "Sigmoid"; });
  if (sigmoid == graph.nodes.rend() || graph.outputs.empty()) return std::nullopt;
  // Axis names of their own: before a crop the maps are larger than what the file declares for its output.
  Value logits{sigmoid->inputs.at(0),
               DType::kFloat32,
               {{0, "logits_batch"}, {1, ""}, {0, "logits_height"}, {0, "logits_width"}}};
  for (const Initialiser& initialiser : graph.initialisers) {
    if (initialiser.dtype == DType::kFloat16) logits.dtype = DType::kFloat16;
  }
  graph.outputs.resize(1);
  graph.outputs.push_back(std::move(logits));
  return serialiseOnnx(std::move(graph));
}

}  // namespace ocrdet
