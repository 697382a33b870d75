#include "ocrdet/export.h"

#include <fmt/format.h>

#include <chrono>
#include <future>
#include <sstream>

#include "base/atomic_file.h"
#include "base/available_memory.h"
#include "base/cancellation.h"
#include "base/log.h"
#include "contract/file_contract.h"
#include "export/box_settings.h"
#include "export/in_memory.h"
#include "graph/memory.h"
#include "model/state_dict.h"
#include "ocrdet/version.h"
#include "onnx/append_metadata.h"
#include "onnx/serialise.h"
#include "passes/pipeline.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

// A free axis is predicted at a usual length.
constexpr Size kTypicalSize{736, 1280};

Size sizeToJudge(const ExportOptions& options) {
  return {options.height.value_or(800), options.width.value_or(800)};
}

SizeQuestion question(const ExportOptions& options) {
  SizeQuestion asked;
  asked.size = sizeToJudge(options);
  asked.any_size = options.any_size;
  asked.dynamic = !options.height || !options.width || !options.batch;
  asked.batch = static_cast<int>(options.batch.value_or(1));
  asked.opset = options.opset;
  asked.precision = options.precision;
  asked.target = options.target;
  asked.allowed = options.allowed;
  asked.available_memory = availableMemory();
  asked.memory_limit = options.memory_limit;
  return asked;
}

GraphOptions graphOptions(const ExportOptions& options) {
  const auto narrow = [](const std::optional<std::int64_t>& length) {
    return length ? std::optional(static_cast<int>(*length)) : std::nullopt;
  };
  GraphOptions graph;
  graph.batch = narrow(options.batch);
  graph.height = narrow(options.height);
  graph.width = narrow(options.width);
  graph.any_size = options.any_size;
  graph.embed_preprocess = options.embed_preprocess;
  graph.precision = options.precision == Precision::kFloat16 ? GraphOptions::kFloat16 : GraphOptions::kFloat32;
  graph.float16_io = options.float16_io;
  graph.opset = options.opset;
  return graph;
}

fs::path outputPath(const ExportOptions& options) {
  if (!options.output.empty()) return options.output;
  if (options.height && options.width) return fmt::format("model_{}x{}.onnx", *options.height, *options.width);
  return options.any_size ? "model_any.onnx" : "model_dynamic.onnx";
}

FileContract contractOf(const ExportOptions& options, const Checkpoint& source, const std::string& passes,
                        const std::string& source_sha256) {
  FileContract contract;
  contract.version = kVersion;
  contract.size_mode = options.any_size                  ? SizeMode::kAny
                       : options.height && options.width ? SizeMode::kFixed
                                                         : SizeMode::kDynamic;
  contract.height = options.height.value_or(0);
  contract.width = options.width.value_or(0);
  contract.min_size = kPossibleSides.smallest;
  contract.max_size = kPossibleSides.largest;
  if (options.height && options.width) contract.resize = {ResizeRule::Kind::kExact, 0};
  contract.preprocess_embedded = options.embed_preprocess;
  contract.boxes = boxSettings(options, source);
  contract.precision = options.precision == Precision::kFloat16 ? "fp16" : "fp32";
  contract.passes = passes;
  contract.source_sha256 = source_sha256;
  return contract;
}

void declareContract(Graph& graph, const ExportOptions& options, const Checkpoint& source,
                     const std::string& source_sha256) {
  const std::string passes = graph.metadata["ocrdet.passes"];
  for (auto& [key, value] : toMetadata(contractOf(options, source, passes, source_sha256))) graph.metadata[key] = value;
}

// Rounded up to the next power of ten, so that the last bits of different processors do not change the file.
std::string verifiedSummary(const VerifyReport& report) {
  std::string shapes;
  for (const std::string& shape : report.shapes) shapes += (shapes.empty() ? "" : " ") + shape;
  double bound = 1e-7;
  while (bound < report.probability.maximum) bound *= 10;
  return fmt::format("largest difference of probabilities below {:.0e} at {}", bound, shapes);
}

[[noreturn]] void failVerification(const VerifyReport& report, const fs::path& target) {
  std::vector<Problem> problems;
  for (const VerifyCheck& check : report.checks) {
    if (check.passed) continue;
    problems.push_back(
        {&codes::kExportVerificationFailed,
         fmt::format("{}: {}.", check.name, check.detail),
         fmt::format("{} was not written. Please report this, with the checkpoint if you can.", target.string()),
         {{"check", check.name}}});
  }
  throw Error(std::move(problems));
}

class Export {
 public:
  explicit Export(const ExportOptions& options) : options_(options) {}

  ExportResult run() {
    const auto start = std::chrono::steady_clock::now();
    checkContract();
    checkPrecision();
    checkTarget();
    const StateDict weights = loadStateDict(options_.checkpoint);
    auto hash = std::async(std::launch::async, [&weights] { return sourceSha256(weights.source); });
    logDebug("building the graph");
    Graph graph = buildExportGraph(weights, graphOptions(options_));
    predictMemory(graph);
    throwIfInterrupted();

    result_.source_sha256 = hash.get();
    declareContract(graph, options_, weights.source, result_.source_sha256);
    std::istringstream names(graph.metadata["ocrdet.passes"]);
    for (std::string name; std::getline(names, name, ',');) result_.passes.push_back(name);

    AtomicFile file(result_.path);
    writeOnnx(std::move(graph), file);
    if (options_.verify) verify(file);
    result_.file_bytes = static_cast<std::int64_t>(fs::file_size(file.temporaryPath()));
    throwIfInterrupted();
    file.commit();
    result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return std::move(result_);
  }

 private:
  void checkContract() {
    Verdict verdict = checkExport(options_);
    const auto rounded = options_.round ? replacementSize(question(options_), *options_.round) : std::nullopt;
    if (rounded) {
      result_.rounded_from = verdict.size;
      result_.rounded_to = *rounded;
      if (options_.height) options_.height = rounded->height;
      if (options_.width) options_.width = rounded->width;
      verdict = checkExport(options_);
    }
    throwIfInvalid(verdict);
    result_.remarks = verdict.findings;
  }

  void checkPrecision() const {
    if (options_.precision != Precision::kInt8) return;
    throw Error({&codes::kUsageOption,
                 "int8 files cannot be written yet.",
                 "Use --precision fp16 for a file of half the size, or fp32.",
                 {{"given", std::string("int8")}}});
  }

  void checkTarget() {
    result_.path = outputPath(options_);
    refuseToReplace(result_.path, options_.overwrite, options_.checkpoint);
  }

  // The contract was judged before the graph existed; now the peak is known, its two rules are judged too.
  void predictMemory(const Graph& graph) {
    const Size size{options_.height.value_or(kTypicalSize.height), options_.width.value_or(kTypicalSize.width)};
    const MemoryPrediction prediction = predictPeakMemory(
        graph, {{"batch", options_.batch.value_or(1)}, {"height", size.height}, {"width", size.width}});
    result_.predicted_peak_bytes = prediction.peak_bytes;
    result_.memory_sentence = describe(prediction);
    SizeQuestion asked = question(options_);
    asked.predicted_memory = result_.predicted_peak_bytes;
    const Verdict verdict = checkSize(asked);
    throwIfInvalid(verdict);
    result_.remarks = verdict.findings;
  }

  void verify(AtomicFile& file) {
    VerifyOptions options;
    options.model = file.temporaryPath();
    options.checkpoint = options_.checkpoint;
    options.onnxruntime = options_.onnxruntime;
    options.threads = options_.threads;
    result_.verification = verifyOnnx(options);
    if (!result_.verification->passed()) failVerification(*result_.verification, result_.path);
    appendMetadata(file, "ocrdet.verified", verifiedSummary(*result_.verification));
  }

  ExportOptions options_;
  ExportResult result_;
};

}  // namespace

std::string exportInMemory(const fs::path& checkpoint) {
  ExportOptions options;
  options.batch = options.height = options.width = std::nullopt;
  const StateDict weights = loadStateDict(checkpoint);
  auto hash = std::async(std::launch::async, [&weights] { return sourceSha256(weights.source); });
  Graph graph = buildExportGraph(weights, graphOptions(options));
  declareContract(graph, options, weights.source, hash.get());
  return serialiseOnnx(std::move(graph));
}

Verdict checkExport(const ExportOptions& options) {
  return checkSize(question(options));
}

ExportResult exportOnnx(const ExportOptions& options) {
  return Export(options).run();
}

}  // namespace ocrdet
