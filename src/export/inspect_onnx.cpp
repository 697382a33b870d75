#include "export/inspect_onnx.h"

#include <fmt/format.h>

#include "base/byte_count.h"
#include "base/mapped_file.h"
#include "graph/flops.h"
#include "graph/shape_inference.h"
#include "onnx/read.h"
#include "tensor/checkpoint.h"

namespace ocrdet {
namespace {

std::string shapeText(const SymbolicShape& shape) {
  std::string text;
  for (const Dimension& dimension : shape) {
    text += (text.empty() ? "" : "×") + (dimension.fixed() ? std::to_string(dimension.length) : dimension.symbol);
  }
  return text.empty() ? "scalar" : text;
}

Json toJson(const Value& value) {
  Json shape = Json::array();
  for (const Dimension& dimension : value.shape) {
    shape.push_back(dimension.fixed() ? Json(dimension.length) : Json(dimension.symbol));
  }
  return Json{{"name", value.name}, {"type", name(value.dtype)}, {"shape", shape}};
}

// Free axes are counted at a batch of 1 and a side of 640.
void countWork(const Graph& graph, OnnxReport& report) {
  SymbolLengths lengths;
  for (const Value& input : graph.inputs) {
    for (std::size_t axis = 0; axis < input.shape.size(); ++axis) {
      if (!input.shape[axis].fixed()) lengths[input.shape[axis].symbol] = axis == 0 ? 1 : 640;
    }
  }
  try {
    const ValueTable values = inferShapes(graph, lengths);
    report.giga_macs = static_cast<double>(countMultiplyAdds(graph, values).multiply_adds) / 1e9;
    if (!graph.inputs.empty()) {
      report.counted_shape = toText(std::span<const std::int64_t>(values.at(graph.inputs.front().name).shape));
    }
  } catch (const Error& error) {
    report.remarks.push_back("work not counted: " + error.problems().front().message);
  }
}

void describeGraph(const Graph& graph, OnnxReport& report) {
  report.inputs = graph.inputs;
  report.outputs = graph.outputs;
  for (const Initialiser& initialiser : graph.initialisers) {
    if (initialiser.dtype == DType::kFloat32 || initialiser.dtype == DType::kFloat16) {
      report.parameters += elementCount(initialiser.shape).value_or(0);
    }
  }
  countWork(graph, report);
  report.contract = readFileContract(graph.metadata);
}

std::string contractText(const FileContract& contract) {
  const std::string side = contract.size_mode == SizeMode::kFixed
                               ? fmt::format("{}×{} only", contract.height, contract.width)
                           : contract.size_mode == SizeMode::kAny ? "any size from 32 up"
                                                                  : "multiples of 32, from 32 up";
  std::string text =
      fmt::format("  written by   ocrdet {}, {}, passes {}\n", contract.version, contract.precision, contract.passes);
  text += fmt::format("  sizes        {}\n", side);
  text +=
      fmt::format("  input is     BGR, {}\n",
                  contract.preprocess_embedded ? "bytes as they are (normalised inside)"
                                               : fmt::format("(pixel - [{}, {}, {}]) / {:.0f}", contract.mean[0],
                                                             contract.mean[1], contract.mean[2], 1 / contract.scale));
  text += fmt::format("  boxes        pixel threshold {}, box threshold {}, unclip ratio {}\n",
                      contract.boxes.pixel_threshold, contract.boxes.box_threshold, contract.boxes.unclip_ratio);
  text += fmt::format("  verified     {}\n", contract.verified.empty() ? "no" : contract.verified);
  return text + fmt::format("  checkpoint   SHA-256 {}\n", contract.source_sha256);
}

std::string trialText(const SizeTrial& trial) {
  if (trial.fixed) return "  sizes        fixed: the declared one only\n";
  std::string text;
  if (trial.multiple > 1) text = fmt::format("multiples of {} (tried every height from 64 to 128)", trial.multiple);
  if (trial.multiple == 1) text = "any (tried every height from 64 to 128)";
  if (trial.multiple == 0) text = "no rule found (tried every height from 64 to 128)";
  text = fmt::format("  sizes        free: {}\n", text);
  text += fmt::format("               {} ran, {} failed, {} ran with an output of the wrong size\n", trial.ran,
                      trial.failed, trial.silently_wrong);
  if (!trial.first_failure.empty()) text += fmt::format("               {}\n", trial.first_failure);
  if (trial.output_stride > 0) text += fmt::format("  output       1/{} of the input's size\n", trial.output_stride);
  return text + fmt::format("  batch        {}\n", trial.batch_free ? "free" : "1");
}

}  // namespace

bool looksLikeOnnx(const std::filesystem::path& path) {
  const auto file = MappedFile::open(path);
  const auto bytes = file->bytes();
  if (bytes.empty() || looksLikeCheckpoint(bytes)) return false;
  // An ONNX file begins with ir_version, or with a length-prefixed field.
  const auto tag = std::to_integer<unsigned char>(bytes.front());
  return tag == 0x08 || tag == 0x12 || tag == 0x3A;
}

OnnxReport inspectOnnx(const std::filesystem::path& path, const InspectOptions& options) {
  OnnxReport report;
  report.path = path;
  report.header = readOnnxHeader(path);
  try {
    describeGraph(readOnnx(path), report);
  } catch (const Error& error) {
    report.remarks.push_back("not run: " + error.problems().front().message);
    return report;
  }
  if (report.contract || !options.try_sizes) return report;
  try {
    report.trial = trySizes(Session::open(path, {.onnxruntime = options.onnxruntime}));
  } catch (const Error& error) {
    if (&error.code() == &codes::kRunInterrupted) throw;
    report.remarks.push_back("not run: " + error.problems().front().message);
  }
  return report;
}

std::string toText(const OnnxReport& report) {
  const OnnxHeader& header = report.header;
  std::string text = fmt::format("{}: ONNX file, {}\n", report.path.string(), byteCount(header.file_bytes));
  text += fmt::format("  format       opset {}, IR version {}{}\n", header.opset, header.ir_version,
                      header.producer.empty() ? "" : ", by " + header.producer);
  text += fmt::format("  graph        {} nodes, {} initialisers, {} parameters\n", header.nodes, header.initialisers,
                      report.parameters);
  for (const Value& value : report.inputs) {
    text += fmt::format("  input        {}: {} {}\n", value.name, name(value.dtype), shapeText(value.shape));
  }
  for (const Value& value : report.outputs) {
    text += fmt::format("  output       {}: {} {}\n", value.name, name(value.dtype), shapeText(value.shape));
  }
  if (report.giga_macs)
    text += fmt::format("  work         {:.2f} GMAC at {}\n", *report.giga_macs, report.counted_shape);
  if (report.contract) text += contractText(*report.contract);
  if (report.trial) text += trialText(*report.trial);
  for (const std::string& remark : report.remarks) text += fmt::format("  remark       {}\n", remark);
  return text;
}

Json toJson(const OnnxReport& report) {
  const OnnxHeader& header = report.header;
  Json json{{"kind", "onnx"},
            {"path", report.path.string()},
            {"bytes", header.file_bytes},
            {"opset", header.opset},
            {"ir_version", header.ir_version},
            {"producer", header.producer},
            {"nodes", header.nodes},
            {"initialisers", header.initialisers},
            {"parameters", report.parameters},
            {"inputs", Json::array()},
            {"outputs", Json::array()}};
  for (const Value& value : report.inputs) json["inputs"].push_back(toJson(value));
  for (const Value& value : report.outputs) json["outputs"].push_back(toJson(value));
  if (report.giga_macs) json["gmac"] = {{"shape", report.counted_shape}, {"value", *report.giga_macs}};
  if (report.contract) json["contract"] = toMetadata(*report.contract);
  if (report.trial) {
    const SizeTrial& trial = *report.trial;
    json["sizes"] = {{"fixed", trial.fixed},
                     {"multiple", trial.multiple},
                     {"ran", trial.ran},
                     {"failed", trial.failed},
                     {"silently_wrong", trial.silently_wrong},
                     {"output_stride", trial.output_stride},
                     {"batch_free", trial.batch_free}};
  }
  json["remarks"] = report.remarks;
  return json;
}

}  // namespace ocrdet
