#include "ocrdet/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <span>

#include "base/cancellation.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/stopwatch.h"
#include "contract/file_contract.h"
#include "export/trial_runs.h"
#include "graph/memory.h"
#include "model/state_dict.h"
#include "onnx/check.h"
#include "onnx/read.h"
#include "runtime/peak_memory.h"
#include "runtime/runtime.h"

namespace ocrdet {
namespace {

// What a correct file may differ by. float32 differs in the order of summation only (1e-5 is usual); the mean catches a
// shift or a wrong border that float16's own noise would hide.
struct Tolerance {
  double probability, probability_mean;
  double logits;  // relative to the largest logit, at least 1
};
constexpr Tolerance kFloat32Tolerance{1e-4, 1e-5, 1e-3};
constexpr Tolerance kFloat16Tolerance{2e-2, 2e-3, 5e-2};

// A value that is not a number differs infinitely.
Difference difference(std::span<const float> a, std::span<const float> b) {
  Difference result;
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    double distance = std::abs(double{a[i]} - double{b[i]});
    if (std::isnan(distance)) distance = std::numeric_limits<double>::infinity();
    result.maximum = std::max(result.maximum, distance);
    sum += distance;
  }
  if (!a.empty()) result.mean = sum / static_cast<double>(a.size());
  return result;
}

void widen(Difference& total, const Difference& one) {
  total.maximum = std::max(total.maximum, one.maximum);
  total.mean = std::max(total.mean, one.mean);
}

std::string text(const Difference& value) {
  return fmt::format("largest {:.2g}, mean {:.2g}", value.maximum, value.mean);
}

class Verification {
 public:
  explicit Verification(const VerifyOptions& options) : options_(options) {}

  VerifyReport run() {
    graph_ = readOnnx(options_.model);
    checkStructure();
    if (!loadInRuntime()) return report_;
    makeReference();
    comparePictures();
    compareLogits();
    if (!input_->batch().fixed()) compareBatch();
    tryOtherSizes();
    measureMemory();
    return report_;
  }

 private:
  void add(std::string name, bool passed, std::string detail) {
    progress_.advance();
    logDebug(fmt::format("{} {}: {}", passed ? "ok  " : "FAIL", name, detail));
    report_.checks.push_back({std::move(name), passed, std::move(detail)});
  }

  // A step that must not throw; what it throws is a check that failed.
  bool attempt(const std::string& name, const std::function<void()>& step) {
    throwIfInterrupted();
    try {
      step();
      return true;
    } catch (const Error& error) {
      if (&error.code() == &codes::kRunInterrupted || &error.code() == &codes::kRuntimeMissing) throw;
      const Problem& problem = error.problems().front();
      add(name, false, problem.cause.empty() ? problem.message : problem.message + " " + problem.cause);
      return false;
    }
  }

  void checkStructure() {
    const std::string name = "ONNX checker, strict shape inference";
    if (attempt(name, [&] { checkOnnx(options_.model); })) add(name, true, fmt::format("opset {}", graph_.opset));
  }

  bool loadInRuntime() {
    const RuntimeInfo runtime = loadRuntime(options_.onnxruntime);
    report_.runtime = "ONNX Runtime " + runtime.version;
    return attempt("loads", [&] {
      const Stopwatch watch;
      file_ = Session::open(options_.model, sessionOptions(true));
      report_.load_ms = watch.milliseconds();
      input_ = fileInput(*file_);
      contract_ = readFileContract(file_->metadata()).value_or(FileContract{});
      const bool half = std::any_of(graph_.initialisers.begin(), graph_.initialisers.end(),
                                    [](const Initialiser& each) { return each.dtype == DType::kFloat16; });
      tolerance_ = half ? kFloat16Tolerance : kFloat32Tolerance;
      report_.tolerance = tolerance_.probability;
      add("loads", true, report_.runtime);
    });
  }

  SessionOptions sessionOptions(bool optimise) const {
    return {.onnxruntime = options_.onnxruntime, .threads = options_.threads, .optimise = optimise};
  }

  void makeReference() {
    if (!options_.checkpoint.empty()) {
      reference_.emplace(loadStateDict(options_.checkpoint), sessionOptions(false));
      return;
    }
    own_reference_ = Session::open(options_.model, sessionOptions(false));
    add("reference", true, "no checkpoint was given: compared with itself, run without optimisations");
  }

  TrialOutput referenceOutput(const TrialBatch& batch) const {
    return reference_ ? reference_->run(batch) : runFile(*own_reference_, *input_, batch);
  }

  // Free axes are tried at the smallest and a large size, both ways not square.
  std::vector<Size> sizesToTry() const {
    const Dimension &height = input_->height(), &width = input_->width();
    std::vector<Size> sizes = {{32, 32}, {736, 1280}, {1280, 736}, {kUsualSides.largest, kUsualSides.largest}};
    if (contract_.size_mode == SizeMode::kAny) sizes.insert(sizes.end(), {{33, 47}, {61, 125}, {500, 333}});
    std::vector<Size> tried;
    for (Size size : sizes) {
      if (height.fixed()) size.height = height.length;
      if (width.fixed()) size.width = width.length;
      if (std::find(tried.begin(), tried.end(), size) == tried.end()) tried.push_back(size);
    }
    return tried;
  }

  std::vector<TrialPicture> pictures() const {
    std::vector<TrialPicture> all = {textPicture(), noisePicture()};
    for (TrialPicture& picture : readPictures(options_.images)) all.push_back(std::move(picture));
    return all;
  }

  TrialBatch batchOf(const TrialPicture& picture, Size size) const {
    const Dimension& batch = input_->batch();
    return makeBatch(std::vector(batch.fixed() ? static_cast<std::size_t>(batch.length) : 1, picture), size);
  }

  // Large maps take seconds: where several sizes are tried, they see the text and the noise in turn.
  void comparePictures() {
    const std::vector<TrialPicture> trials = pictures();
    const std::vector<Size> sizes = sizesToTry();
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const bool large = sizes.size() > 1 && sizes[i].height * sizes[i].width > 640 * 640;
      for (std::size_t k = 0; k < trials.size(); ++k) {
        if (large && k < 2 && k != i % 2) continue;
        const TrialBatch batch = batchOf(trials[k], sizes[i]);
        attempt(fmt::format("probabilities {} {}", batch.shape(), trials[k].name),
                [&] { comparePicture(batch, trials[k].name); });
      }
    }
  }

  void comparePicture(const TrialBatch& batch, const std::string& picture) {
    const Stopwatch watch;
    const TrialOutput found = runFile(*file_, *input_, batch);
    report_.run_ms = watch.milliseconds();
    report_.timed_shape = batch.shape();
    if (std::find(report_.shapes.begin(), report_.shapes.end(), batch.shape()) == report_.shapes.end()) {
      report_.shapes.push_back(batch.shape());
    }
    const std::string name = fmt::format("probabilities {} {}", batch.shape(), picture);
    const TensorShape expected{batch.count(), 1, batch.height, batch.width};
    if (found.shape != expected) {
      add(name, false, fmt::format("the output is {}, it should be {}", toText(found.shape), toText(expected)));
      return;
    }
    const Difference measured = difference(found.probabilities, referenceOutput(batch).probabilities);
    widen(report_.probability, measured);
    add(name, measured.maximum <= tolerance_.probability && measured.mean <= tolerance_.probability_mean,
        text(measured));
  }

  // The sigmoid hides differences where the network is sure; in front of it they are seen.
  void compareLogits() {
    const std::optional<std::string> bytes = withLogitsOutput(graph_);
    if (!bytes) {
      add("logits", false, "the file has no Sigmoid before its output");
      return;
    }
    attempt("logits", [&] {
      const Session session = Session::fromBytes(std::as_bytes(std::span(*bytes)), sessionOptions(true));
      const TrialBatch batch = batchOf(noisePicture(), sizesToTry()[input_->height().fixed() ? 0 : 1]);
      const TrialOutput found = runFile(session, *input_, batch);
      const std::vector<float> expected = reference_ ? reference_->run(batch).logits : unoptimisedLogits(*bytes, batch);
      double largest = 1;
      for (const float value : expected) largest = std::max(largest, std::abs(double{value}));
      const Difference measured = difference(found.logits, expected);
      widen(report_.logits, measured);
      add("logits " + batch.shape(), measured.maximum <= tolerance_.logits * largest,
          fmt::format("{}, values up to {:.3g}", text(measured), largest));
    });
  }

  std::vector<float> unoptimisedLogits(const std::string& bytes, const TrialBatch& batch) const {
    return runFile(Session::fromBytes(std::as_bytes(std::span(bytes)), sessionOptions(false)), *input_, batch).logits;
  }

  void compareBatch() {
    const Size size{input_->height().fixed() ? input_->height().length : 320,
                    input_->width().fixed() ? input_->width().length : 480};
    const std::string name = fmt::format("batch of 2 equals twice 1, {}x{}", size.height, size.width);
    attempt(name, [&] {
      const std::vector<TrialPicture> both = {textPicture(), noisePicture()};
      const TrialOutput together = runFile(*file_, *input_, makeBatch(both, size));
      std::vector<float> apart;
      for (const TrialPicture& picture : both) {
        const TrialOutput one = runFile(*file_, *input_, makeBatch({picture}, size));
        apart.insert(apart.end(), one.probabilities.begin(), one.probabilities.end());
      }
      const bool same_size = together.probabilities.size() == apart.size();
      const Difference measured =
          same_size ? difference(together.probabilities, apart) : Difference{INFINITY, INFINITY};
      add(name, measured.maximum <= kFloat32Tolerance.probability_mean, text(measured));
    });
  }

  // Sizes that the file must not take: remainder 4 (ONNX Runtime fails at an addition) and 29…31 (it runs, and the
  // output is larger than the input). With --any-size comparePictures has run such sizes; a fixed file takes its own
  // size only.
  void tryOtherSizes() {
    if (contract_.size_mode == SizeMode::kAny && !input_->height().fixed() && !input_->width().fixed()) return;
    for (const Size other : {Size{100, 100}, Size{125, 127}}) {
      Size size = other;
      // A fixed axis keeps its length, so that the free one alone is wrong; when both are fixed both are.
      if (input_->height().fixed() != input_->width().fixed()) {
        (input_->height().fixed() ? size.height : size.width) =
            input_->height().fixed() ? input_->height().length : input_->width().length;
        if (contract_.size_mode == SizeMode::kAny) return;
      }
      refuses(makeBatch({textPicture()}, size));
    }
  }

  void refuses(const TrialBatch& batch) {
    const std::string name = fmt::format("refuses {}x{}", batch.height, batch.width);
    try {
      const TrialOutput output = runFile(*file_, *input_, batch);
      add(name, false, fmt::format("it ran, and the output is {}", toText(output.shape)));
    } catch (const Error& error) {
      const bool by_contract = std::string_view(error.code().name).starts_with("input.");
      add(name, by_contract, error.problems().front().message);
    }
  }

  void measureMemory() {
    const Size size = sizesToTry()[input_->height().fixed() && input_->width().fixed() ? 0 : 1];
    const std::int64_t batch = input_->batch().fixed() ? input_->batch().length : 1;
    const SymbolLengths lengths{{"batch", batch}, {"height", size.height}, {"width", size.width}};
    attempt("peak memory", [&] {
      report_.predicted_peak_bytes = predictPeakMemory(graph_, lengths).peak_bytes;
      if (!options_.measure_memory) return;
      report_.measured_peak_bytes = measurePeakMemory(options_.model, lengths, sessionOptions(true)).peak_bytes;
    });
  }

  const VerifyOptions& options_;
  Progress progress_{"Verifying", "checks done", 0};
  VerifyReport report_;
  Graph graph_;
  Tolerance tolerance_ = kFloat32Tolerance;
  FileContract contract_;
  std::optional<Session> file_;
  std::optional<FileInput> input_;
  std::optional<ReferenceNetwork> reference_;
  std::optional<Session> own_reference_;
};

}  // namespace

bool VerifyReport::passed() const {
  return std::all_of(checks.begin(), checks.end(), [](const VerifyCheck& check) { return check.passed; });
}

VerifyReport verifyOnnx(const VerifyOptions& options) {
  return Verification(options).run();
}

}  // namespace ocrdet
