#include "export/inspect_checkpoint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/byte_count.h"
#include "graph/flops.h"
#include "graph/shape_inference.h"
#include "model/architecture.h"
#include "model/network_graph.h"
#include "model/state_dict.h"

namespace ocrdet {
namespace {

constexpr std::int64_t kReportedSide = 640;

bool isFloatingPoint(DType dtype) {
  return dtype == DType::kFloat64 || dtype == DType::kFloat32 || dtype == DType::kFloat16 || dtype == DType::kBfloat16;
}

std::string kindOf(const Layer& layer) {
  if (layer.kind == LayerKind::kBatchNorm) return "batch norm";
  return fmt::format("{}{}×{}{}", layer.kind == LayerKind::kTransposedConvolution ? "transposed " : "", layer.kernel,
                     layer.kernel, layer.stride > 1 ? fmt::format(" /{}", layer.stride) : "");
}

void countTensors(const Checkpoint& checkpoint, CheckpointReport& report) {
  report.format = checkpoint.format;
  report.file_bytes = static_cast<std::int64_t>(checkpoint.file.bytes.size());
  report.sha256 = sourceSha256(checkpoint);
  report.tensors = static_cast<std::int64_t>(checkpoint.tensors.size());
  for (const NamedTensor& entry : checkpoint.tensors) {
    if (isFloatingPoint(entry.tensor.dtype)) report.parameters += entry.tensor.size();
    const std::string type(name(entry.tensor.dtype));
    if (std::find(report.number_types.begin(), report.number_types.end(), type) == report.number_types.end()) {
      report.number_types.push_back(type);
    }
  }
}

std::string shapeText(const TensorShape& shape) {
  return toText(std::span<const std::int64_t>(shape));
}

// Where the file is not our network its tensors are listed as they are.
void listTensors(const Checkpoint& checkpoint, CheckpointReport& report) {
  for (const NamedTensor& entry : checkpoint.tensors) {
    report.layers.push_back(
        {entry.name, std::string(name(entry.tensor.dtype)), entry.tensor.shape, entry.tensor.size(), 0});
  }
}

// Batch norm statistics are no parameters: they are measured, not learnt.
bool isParameter(const std::string& tensor_name) {
  return tensor_name.ends_with(".weight") || tensor_name.ends_with(".bias");
}

void describeNetwork(const StateDict& weights, CheckpointReport& report) {
  report.fits = true;
  report.wrapper = weights.wrapper;
  report.prefix = weights.prefix;
  report.has_threshold_head = weights.has_threshold_head;
  const Graph graph = buildReferenceGraph(weights);
  const ValueTable values = inferShapes(graph, {{"batch", 1}, {"height", kReportedSide}, {"width", kReportedSide}});
  std::map<std::string, std::int64_t> macs;
  const GraphCost cost = countMultiplyAdds(graph, values);
  for (const NodeCost& node : cost.nodes) macs[node.node] = node.multiply_adds;
  report.giga_macs = static_cast<double>(cost.multiply_adds) / 1e9;
  for (const Layer& layer : networkLayers()) {
    LayerReport row{layer.name, kindOf(layer), {}, 0, static_cast<double>(macs[layer.name]) / 1e6};
    for (const ExpectedTensor& expected : expectedTensors()) {
      if (!expected.name.starts_with(layer.name + ".") || !isParameter(expected.name)) continue;
      if (expected.name == layer.name + ".weight") row.shape = expected.shape;
      row.parameters += elementCount(expected.shape).value();
      if (!expected.threshold_head) report.inference_parameters += elementCount(expected.shape).value();
    }
    if (report.has_threshold_head || !layer.name.starts_with("decoder.thresh")) report.layers.push_back(row);
  }
}

std::string networkText(const CheckpointReport& report) {
  std::int64_t all = 0;
  for (const LayerReport& layer : report.layers) all += layer.parameters;
  std::string where;
  if (!report.wrapper.empty()) where += " under " + report.wrapper;
  if (!report.prefix.empty()) where += fmt::format(", every name with the prefix {}", report.prefix);
  std::string text = fmt::format("  network      DBNet with a plain ResNet-18: every weight is there{}\n", where);
  text += fmt::format("  parameters   {}; {} for inference\n", all, report.inference_parameters);
  text += fmt::format("  threshold    {}\n", report.has_threshold_head
                                                 ? "head present (training needs it, inference does not)"
                                                 : "head missing: fine for export, not for training");
  text += fmt::format("  work         {:.2f} GMAC ({:.2f} GFLOP) at 640×640, in proportion to height × width\n",
                      report.giga_macs, 2 * report.giga_macs);
  text += "  input        BGR, float32 [N,3,H,W], height and width multiples of 32 from 320 to 1536\n";
  return text;
}

}  // namespace

CheckpointReport inspectCheckpoint(const std::filesystem::path& path) {
  CheckpointReport report;
  report.path = path;
  const Checkpoint checkpoint = readCheckpoint(path);
  countTensors(checkpoint, report);
  try {
    describeNetwork(matchStateDict(checkpoint), report);
  } catch (const Error& error) {
    report.problems = error.problems();
    listTensors(checkpoint, report);
  }
  return report;
}

std::string toText(const CheckpointReport& report, bool all_layers) {
  std::string text =
      fmt::format("{}: {} checkpoint, {}\n", report.path.string(), name(report.format), byteCount(report.file_bytes));
  text += fmt::format("  SHA-256      {}\n", report.sha256);
  text += fmt::format("  tensors      {} ({}), {} numbers\n", report.tensors, fmt::join(report.number_types, ", "),
                      report.parameters);
  if (report.fits) text += networkText(report);
  for (const Problem& problem : report.problems) {
    text += fmt::format("  not our network: {} {}\n", problem.message, problem.advice);
  }
  if (!all_layers) return text + fmt::format("  layers       {}; --layers lists them\n", report.layers.size());
  text +=
      fmt::format("\n  {:<34} {:<16} {:<16} {:>10} {:>14}\n", "layer", "kind", "weight", "parameters", "MMAC at 640²");
  for (const LayerReport& layer : report.layers) {
    const std::string macs = layer.mega_macs > 0 ? fmt::format("{:.1f}", layer.mega_macs) : "";
    text += fmt::format("  {:<34} {:<16} {:<16} {:>10} {:>14}\n", layer.name, layer.kind, shapeText(layer.shape),
                        layer.parameters, macs);
  }
  return text;
}

Json toJson(const CheckpointReport& report) {
  Json json{{"kind", "checkpoint"},
            {"path", report.path.string()},
            {"format", name(report.format)},
            {"bytes", report.file_bytes},
            {"sha256", report.sha256},
            {"tensors", report.tensors},
            {"numbers", report.parameters},
            {"number_types", report.number_types},
            {"is_dbnet_resnet18", report.fits}};
  if (report.fits) {
    json["wrapper"] = report.wrapper;
    json["prefix"] = report.prefix;
    json["threshold_head"] = report.has_threshold_head;
    json["inference_parameters"] = report.inference_parameters;
    json["gmac_640x640"] = report.giga_macs;
  }
  for (const Problem& problem : report.problems) json["problems"].push_back(toJson(problem));
  for (const LayerReport& layer : report.layers) {
    Json row{{"name", layer.name}, {"kind", layer.kind}, {"shape", layer.shape}, {"parameters", layer.parameters}};
    if (layer.mega_macs > 0) row["mmac_640x640"] = layer.mega_macs;
    json["layers"].push_back(row);
  }
  return json;
}

}  // namespace ocrdet
