// The figures of a benchmark as text and as JSON.
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/byte_count.h"
#include "benchmark/benchmark_json.h"
#include "ocrdet/benchmark.h"

namespace ocrdet {
namespace {

struct Stage {
  const char* name;
  double ms;
};

std::array<Stage, 4> stagesOf(const DetectionTimings& timings) {
  return {{{"decode", timings.decode_ms},
           {"preprocess", timings.preprocess_ms},
           {"inference", timings.inference_ms},
           {"postprocess", timings.postprocess_ms}}};
}

// Of all stages together; 0 when nothing took any time.
double share(double ms, const DetectionTimings& timings) {
  return timings.total_ms() > 0 ? ms / timings.total_ms() : 0;
}

std::string toText(const BenchmarkCase& result) {
  std::string text = fmt::format(
      "{}{}  {} {}, {} {}, {} timed {}\n", toText(result.input), result.mixed ? " and smaller" : "", result.pictures,
      result.pictures == 1 ? "picture" : "pictures", result.boxes, result.boxes == 1 ? "box" : "boxes",
      result.latencies_ms.size(), result.latencies_ms.size() == 1 ? "run" : "runs");
  text += fmt::format("  settings     {}\n", result.settings);
  text +=
      fmt::format("  latency      min {:.1f}, p50 {:.1f}, p90 {:.1f}, p99 {:.1f} ms; processor time {:.1f} ms\n",
                  result.latency.min, result.latency.p50, result.latency.p90, result.latency.p99, result.processor_ms);
  text += fmt::format("  throughput   {:.2f} pictures/s one by one", result.one_by_one);
  if (result.side_by_side > 0)
    text += fmt::format(", {:.2f} with {} side by side", result.side_by_side, result.images_at_a_time);
  text += "\n  stages      ";
  for (const Stage& stage : stagesOf(result.stages))
    text += fmt::format("{} {} {:.1f} ms ({:.1f} %)", text.back() == ' ' ? "" : ",", stage.name, stage.ms,
                        100 * share(stage.ms, result.stages));
  if (!result.measured_peak_bytes && !result.predicted_peak_bytes) return text;
  text += "\n  peak memory ";
  if (result.measured_peak_bytes) text += fmt::format(" measured {}", byteCount(*result.measured_peak_bytes));
  if (result.predicted_peak_bytes)
    text +=
        fmt::format("{} predicted {}", result.measured_peak_bytes ? "," : "", byteCount(*result.predicted_peak_bytes));
  return text;
}

double rounded(double value) {
  return std::round(value * 1000) / 1000;
}

Json toJson(const BenchmarkCase& result) {
  Json all = Json::array();
  for (const double ms : result.latencies_ms) all.push_back(rounded(ms));
  Json stages;
  for (const Stage& stage : stagesOf(result.stages))
    stages[stage.name] = {{"ms", rounded(stage.ms)}, {"share", rounded(share(stage.ms, result.stages))}};
  const auto bytes = [](const std::optional<std::int64_t>& count) { return count ? Json(*count) : Json(); };
  return {{"input", {{"height", result.input.height}, {"width", result.input.width}, {"mixed", result.mixed}}},
          {"settings", result.settings},
          {"pictures", result.pictures},
          {"boxes", result.boxes},
          {"runs", result.latencies_ms.size()},
          {"latency_ms",
           {{"min", rounded(result.latency.min)},
            {"mean", rounded(result.latency.mean)},
            {"p50", rounded(result.latency.p50)},
            {"p90", rounded(result.latency.p90)},
            {"p99", rounded(result.latency.p99)},
            {"all", std::move(all)}}},
          {"processor_ms", rounded(result.processor_ms)},
          {"images_per_second",
           {{"one_by_one", rounded(result.one_by_one)},
            {"side_by_side", result.side_by_side > 0 ? Json(rounded(result.side_by_side)) : Json()},
            {"images_at_a_time", result.images_at_a_time}}},
          {"stages", std::move(stages)},
          {"memory",
           {{"measured_peak_bytes", bytes(result.measured_peak_bytes)},
            {"predicted_peak_bytes", bytes(result.predicted_peak_bytes)}}}};
}

}  // namespace

std::string toText(const BenchmarkReport& report) {
  std::string text =
      fmt::format("{}, {} {}\n", report.runtime, report.threads, report.threads == 1 ? "thread" : "threads");
  text += fmt::format("load {:.1f} ms, first picture {:.1f} ms", report.load_ms, report.first_ms);
  for (const BenchmarkCase& result : report.cases) text += "\n\n" + toText(result);
  return text;
}

Json toJson(const BenchmarkReport& report) {
  Json cases = Json::array(), unreadable = Json::array();
  for (const BenchmarkCase& result : report.cases) cases.push_back(toJson(result));
  for (const UnreadablePicture& picture : report.unreadable)
    unreadable.push_back({{"image_path", picture.path.string()}, {"error", toJson(picture.problem)}});
  return {{"success", report.unreadable.empty()},
          {"runtime", report.runtime},
          {"threads", report.threads},
          {"load_ms", rounded(report.load_ms)},
          {"first_ms", rounded(report.first_ms)},
          {"cases", std::move(cases)},
          {"unreadable", std::move(unreadable)}};
}

}  // namespace ocrdet
