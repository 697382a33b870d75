#include "export/size_trial.h"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "base/cancellation.h"
#include "export/trial_runs.h"

namespace ocrdet {
namespace {

// Two full periods of 32, and of 64 one: enough to tell every multiple that detectors have.
constexpr std::int64_t kFirst = 64, kLast = 128, kWidth = 128;

// Height of the output map; nothing where the run failed.
std::optional<std::int64_t> outputHeight(const Session& session, const FileInput& input, std::int64_t batch,
                                         std::int64_t height, SizeTrial& trial) {
  throwIfInterrupted();
  TensorShape shape{batch, 3, height, kWidth};
  if (input.channels_last) shape = {batch, height, kWidth, 3};
  for (std::size_t axis = 1; axis < shape.size(); ++axis) {
    if (input.shape[axis].fixed()) shape[axis] = input.shape[axis].length;
  }
  const auto count = static_cast<std::size_t>(elementCount(shape).value_or(0));
  try {
    std::vector<NamedTensor> outputs;
    if (input.dtype == DType::kUint8) {
      const std::vector<std::uint8_t> bytes(count, 127);
      outputs = session.run({{input.name, viewOf(shape, bytes)}});
    } else {
      const std::vector<float> values(count, 0.1F);
      outputs = session.run({{input.name, viewOf(shape, values)}});
    }
    const TensorShape& found = outputs.at(0).tensor.shape;
    if (found.size() < 3 || found[0] != batch) return std::nullopt;
    return found[found.size() - 2];
  } catch (const Error& error) {
    if (&error.code() == &codes::kRunInterrupted) throw;
    const Problem& problem = error.problems().front();
    if (trial.first_failure.empty()) {
      std::string words = problem.cause.empty() ? problem.message : problem.cause;
      words.erase(words.find_last_not_of(" \r\n") + 1);
      trial.first_failure = fmt::format("height {}: {}", height, words);
    }
    return std::nullopt;
  }
}

// The smallest power of two all of whose multiples gave the right output.
std::int64_t smallestMultiple(const std::map<std::int64_t, std::int64_t>& heights, std::int64_t stride) {
  for (std::int64_t multiple = 1; multiple <= 64; multiple *= 2) {
    bool all = true;
    for (std::int64_t height = kFirst; height <= kLast; height += multiple) {
      const auto found = heights.find(height);
      all = all && found != heights.end() && found->second * stride == height;
    }
    if (all) return multiple;
  }
  return 0;
}

}  // namespace

SizeTrial trySizes(const Session& session) {
  const FileInput input = fileInput(session);
  if (input.dtype != DType::kFloat32 && input.dtype != DType::kUint8) {
    throw Error(
        {&codes::kOnnxNotADetector,
         fmt::format("The input '{}' is {}; only float32 and uint8 inputs are tried.", input.name, name(input.dtype)),
         "Run it with code of your own."});
  }
  SizeTrial trial;
  trial.fixed = input.height().fixed() && input.width().fixed();
  if (trial.fixed) return trial;

  std::map<std::int64_t, std::int64_t> heights;
  const std::int64_t batch = input.batch().fixed() ? input.batch().length : 1;
  for (std::int64_t height = kFirst; height <= kLast; ++height) {
    const auto found = outputHeight(session, input, batch, height, trial);
    if (found) heights[height] = *found;
  }
  trial.ran = static_cast<int>(heights.size());
  trial.failed = static_cast<int>(kLast - kFirst + 1) - trial.ran;
  const auto last = heights.find(kLast);
  if (last == heights.end() || last->second <= 0) return trial;
  trial.output_stride = kLast / last->second;
  if (trial.output_stride < 1) return trial;
  for (const auto& [height, output] : heights) trial.silently_wrong += output * trial.output_stride != height;
  trial.multiple = smallestMultiple(heights, trial.output_stride);
  SizeTrial ignored;
  trial.batch_free = !input.batch().fixed() && outputHeight(session, input, 2, kLast, ignored).has_value();
  return trial;
}

}  // namespace ocrdet
