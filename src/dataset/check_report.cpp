#include <fmt/format.h>

#include "dataset/check.h"

namespace ocrdet {
namespace {

std::string plural(std::size_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string describe(const SplitSummary& split) {
  std::string text =
      fmt::format("{}{}: {}, {} ({} ignored), {}", split.folders.split.empty() ? "" : split.folders.split + " ",
                  split.folders.images.string(), plural(split.images, "image"), plural(split.texts, "text"),
                  split.ignored, name(split.form));
  if (split.without_text > 0) text += fmt::format("; {} without text", plural(split.without_text, "image"));
  return text;
}

std::string place(const SetFinding& finding, const std::filesystem::path& folder) {
  const std::filesystem::path file = std::filesystem::path(finding.file).lexically_proximate(folder);
  return finding.line > 0 ? fmt::format("{}:{}", file.string(), finding.line) : file.string();
}

}  // namespace

std::string toText(const CheckReport& report, std::size_t shown, bool notes) {
  std::string text;
  for (const SplitSummary& split : report.splits) text += describe(split) + "\n";
  for (const FindingKind* kind : report.findings.found()) {
    if (kind->level == Level::kNote && !notes) continue;
    const std::size_t count = report.findings.count(*kind);
    text += fmt::format("\n{} {}  ({})\n  {}.{}\n", name(kind->level), kind->code, count, kind->meaning,
                        kind->fixable ? " `ocrdet dataset fix` mends it." : "");
    std::size_t listed = 0;
    for (const SetFinding& finding : report.findings.kept()) {
      if (finding.kind != kind || listed == shown) continue;
      ++listed;
      text += fmt::format("    {}: {}\n", place(finding, report.folder), finding.message);
    }
    if (listed < count) text += fmt::format("    … and {} more\n", count - listed);
  }
  text += fmt::format("\n{}, {}, {}", plural(report.findings.count(Level::kError), "error"),
                      plural(report.findings.count(Level::kWarning), "warning"),
                      plural(report.findings.count(Level::kNote), "note"));
  if (report.clean()) text += ": nothing to mend";
  return text;
}

Json toJson(const CheckReport& report) {
  Json splits = Json::array();
  for (const SplitSummary& split : report.splits)
    splits.push_back({{"split", split.folders.split},
                      {"images_folder", split.folders.images.string()},
                      {"form", name(split.form)},
                      {"images", split.images},
                      {"images_without_text", split.without_text},
                      {"texts", split.texts},
                      {"ignored", split.ignored}});
  Json counts = Json::object();
  for (const FindingKind* kind : report.findings.found()) counts[kind->code] = report.findings.count(*kind);
  Json findings = Json::array();
  for (const SetFinding& finding : report.findings.kept()) {
    Json item{{"code", finding.kind->code}, {"level", name(finding.kind->level)}, {"file", finding.file}};
    if (finding.line > 0) item["line"] = finding.line;
    item["message"] = finding.message;
    item["fixable"] = finding.kind->fixable;
    findings.push_back(std::move(item));
  }
  return {{"success", true},
          {"folder", report.folder.string()},
          {"clean", report.clean()},
          {"errors", report.findings.count(Level::kError)},
          {"warnings", report.findings.count(Level::kWarning)},
          {"notes", report.findings.count(Level::kNote)},
          {"splits", splits},
          {"counts", counts},
          {"findings", findings}};
}

}  // namespace ocrdet
