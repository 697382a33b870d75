// The reports of verification as text and as JSON.

#include <fmt/format.h>

#include <cmath>

#include "base/byte_count.h"
#include "export/verify_report.h"
#include "ocrdet/verify.h"

namespace ocrdet {
namespace {

Json toJson(const Difference& difference) {
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json("infinite"); };
  return Json{{"max", number(difference.maximum)}, {"mean", number(difference.mean)}};
}

}  // namespace

std::string toText(const VerifyReport& report) {
  std::string text;
  for (const VerifyCheck& check : report.checks) {
    text += fmt::format("  {} {:<44} {}\n", check.passed ? "ok  " : "FAIL", check.name, check.detail);
  }
  text += fmt::format("  largest difference: probabilities {:.2g} (allowed {:.0e}), logits {:.2g}\n",
                      report.probability.maximum, report.tolerance, report.logits.maximum);
  text += fmt::format("  load {:.0f} ms, run {:.0f} ms at {}\n", report.load_ms, report.run_ms, report.timed_shape);
  text += fmt::format("  peak memory: predicted {}", byteCount(report.predicted_peak_bytes));
  if (report.measured_peak_bytes > 0) text += fmt::format(", measured {}", byteCount(report.measured_peak_bytes));
  return text + "\n";
}

Json toJson(const VerifyReport& report) {
  Json checks = Json::array();
  for (const VerifyCheck& check : report.checks) {
    checks.push_back({{"name", check.name}, {"passed", check.passed}, {"detail", check.detail}});
  }
  Json json{{"passed", report.passed()},
            {"runtime", report.runtime},
            {"checks", checks},
            {"shapes", report.shapes},
            {"probability_difference", toJson(report.probability)},
            {"logits_difference", toJson(report.logits)},
            {"tolerance", report.tolerance},
            {"load_ms", report.load_ms},
            {"run_ms", report.run_ms},
            {"run_shape", report.timed_shape},
            {"predicted_peak_bytes", report.predicted_peak_bytes}};
  if (report.measured_peak_bytes > 0) json["measured_peak_bytes"] = report.measured_peak_bytes;
  return json;
}

}  // namespace ocrdet
