#include "dataset/check_entry.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/cancellation.h"
#include "dataset/mend.h"
#include "dataset/text_lines.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

// The bytes of a file of ground truth, or a finding.
std::optional<std::string> readTruth(const std::filesystem::path& path, Findings& findings) {
  try {
    return readTextFile(path);
  } catch (const Error& error) {
    if (error.exitStatus() != ExitStatus::kInput) throw;
    const bool large = &error.code() == &codes::kDatasetTextTooLarge;
    findings.add(large ? kinds::kTruthTooLarge : kinds::kTruthUnreadable, 0, error.problems().front().message);
    return {};
  }
}

void checkTruth(std::string_view bytes, TruthForm form, CheckedEntry& checked, Findings& findings) {
  CheckedLines lines = checkLines(bytes, form, findings);
  checked.understood = !lines.unreadable;
  checked.truth = std::move(lines.truth);
  checked.ignored = std::size_t(std::count_if(checked.truth.begin(), checked.truth.end(),
                                              [](const NumberedTruth& item) { return item.truth.ignored; }));
  if (checked.image.usable) {
    checkShapes(checked.truth, checked.image.frame, form, findings);
    checked.mended = mendTruth(checked.truth, {checked.image.frame, checked.image.orientation, form});
    // An image that is kept without its shapes would teach that its texts are none.
    if (!checked.truth.empty() && checked.mended.empty())
      findings.add(kinds::kTruthUnusable, 0, fmt::format("none of {} shapes can be kept", checked.truth.size()));
  }
  if (lines.no_text) findings.add(kinds::kTruthEmpty, 0, "has no text");
  if (!checked.truth.empty() && checked.ignored == checked.truth.size())
    findings.add(kinds::kTruthAllIgnored, 0, fmt::format("all {} texts are ignored", checked.ignored));
}

}  // namespace

CheckedEntry checkEntry(const SplitEntry& entry, TruthForm form, const ImageCheckOptions& options) {
  throwIfInterrupted();
  CheckedEntry checked;
  Findings about_image(entry.image.string());
  checked.image = checkImage(entry.image, options, about_image);
  checked.findings.add(about_image);
  if (!entry.truth) return checked;
  Findings about_truth(entry.truth->string());
  if (const auto bytes = readTruth(*entry.truth, about_truth)) checkTruth(*bytes, form, checked, about_truth);
  checked.findings.add(about_truth);
  return checked;
}

}  // namespace ocrdet
