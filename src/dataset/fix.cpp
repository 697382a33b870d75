#include "dataset/fix.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "base/mapped_file.h"
#include "base/ordered_parallel.h"
#include "base/processors.h"
#include "dataset/check_entry.h"
#include "dataset/set_writer.h"
#include "image/decode.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

struct Remedy {
  const FindingKind* kind;
  std::string_view done;
  bool leaves_out = false;  // the image is not in the copy
};

constexpr Remedy kRemedies[] = {
    {&kinds::kSetOverlap, "left out of train", true},
    {&kinds::kListAbsent, "a list was written"},
    {&kinds::kListMissingImage, "left out of the list"},
    {&kinds::kListWrongCase, "listed under its real name"},
    {&kinds::kListDuplicate, "listed once"},
    {&kinds::kListOtherPath, "listed under its name"},
    {&kinds::kListBlankLine, "removed"},
    {&kinds::kListOutside, "brought into the folder, if it is there"},
    {&kinds::kListUnlisted, "not copied"},
    {&kinds::kEncodingMark, "written without it"},
    {&kinds::kEncodingUtf16, "written as UTF-8"},
    {&kinds::kEncodingNotUtf8, "written as UTF-8"},
    {&kinds::kEncodingLineEnds, "written with line feeds"},
    {&kinds::kImageUnreadable, "left out", true},
    {&kinds::kImageTruncated, "left out", true},
    {&kinds::kImageEmpty, "left out", true},
    {&kinds::kImageTooLarge, "left out", true},
    {&kinds::kImageTooSmall, "left out", true},
    {&kinds::kImageWrongExtension, "given the right ending"},
    {&kinds::kImageDuplicate, "left out", true},
    {&kinds::kImageTurned, "boxes turned with the image"},
    {&kinds::kTruthMissing, "left out", true},
    {&kinds::kTruthOrphan, "not copied"},
    {&kinds::kTruthWrongCase, "named like its image"},
    {&kinds::kTruthAmbiguous, "the first was taken"},
    {&kinds::kTruthShared, "left out", true},
    {&kinds::kTruthTooLarge, "left out", true},
    {&kinds::kTruthUnreadable, "left out", true},
    {&kinds::kTruthBlankLine, "removed"},
    {&kinds::kTruthCount, "left out with its image", true},
    {&kinds::kTruthOddCount, "left out with its image", true},
    {&kinds::kTruthManyCorners, "left out with its image", true},
    {&kinds::kTruthSeparator, "written with commas"},
    {&kinds::kTruthNotANumber, "left out with its image", true},
    {&kinds::kTruthNotFinite, "left out with its image", true},
    {&kinds::kTruthNoText, "given an empty text"},
    {&kinds::kTruthMixedForm, "left out with its image", true},
    {&kinds::kTruthOtherFormat, "left out with its image", true},
    {&kinds::kTruthSwappedAxes, "x and y exchanged"},
    {&kinds::kTruthNormalised, "multiplied by the image's size"},
    {&kinds::kTruthUnusable, "left out with its image", true},
    {&kinds::kBoxSelfIntersecting, "corners put in order, or the rectangle around them marked as ###"},
    {&kinds::kBoxCounterClockwise, "corners reversed"},
    {&kinds::kBoxNoArea, "removed"},
    {&kinds::kBoxTiny, "marked as ###"},
    {&kinds::kBoxOutside, "removed"},
    {&kinds::kBoxMostlyOutside, "marked as ###"},
    {&kinds::kBoxDuplicate, "removed"},
    {&kinds::kTextCommaIgnored, "put in quotes"},
    {&kinds::kTextIgnoreMark, "marked as ###"},
    {&kinds::kTextStar, "marked as ###"},
    {&kinds::kTextControl, "removed"},
};

// By its code: with -fsanitize=undefined GCC does not compare addresses of constants at compile time.
constexpr const Remedy* remedyFor(const FindingKind* kind) {
  const auto* found = std::find_if(std::begin(kRemedies), std::end(kRemedies), [&](const Remedy& remedy) {
    return std::string_view(remedy.kind->code) == kind->code;
  });
  return found == std::end(kRemedies) ? nullptr : found;
}

static_assert(std::all_of(std::begin(kAllFindingKinds), std::end(kAllFindingKinds),
                          [](const FindingKind* kind) { return kind->fixable == (remedyFor(kind) != nullptr); }),
              "what finding.h calls fixable has a remedy, and nothing else has");

bool leavesOut(const Findings& findings) {
  return std::any_of(std::begin(kRemedies), std::end(kRemedies),
                     [&](const Remedy& remedy) { return remedy.leaves_out && findings.has(*remedy.kind); });
}

enum class Changes { kAll, kLeavingOut };  // of an image that is left out, nothing else was mended

std::size_t countOf(const Remedy& remedy, const FixReport& report) {
  const auto found = report.counts.find(remedy.kind);
  return found == report.counts.end() ? 0 : found->second;
}

// One copy in the making.
class Fixing {
 public:
  Fixing(const fs::path& out, const CheckOptions& options) : writer_(out), options_(options) {}

  void addSplit(const SplitFolders& folders) {
    Findings about_lists;
    const std::vector<SplitEntry> entries = splitEntries(folders, about_lists);
    report(about_lists, Changes::kAll);
    const TruthForm form = formOf(entries);
    if (options_.begin) options_.begin(entries.size());
    const int threads = options_.threads > 0 ? options_.threads : usableProcessors();
    const auto check = [&](std::size_t i) { return checkEntry(entries[i], form, options_.image); };
    orderedParallel(entries.size(), threads, check, [&](std::size_t i, CheckedEntry&& checked) {
      addEntry(folders.split, entries[i], checked);
      if (options_.after_each) options_.after_each();
    });
  }

  FixReport finish() {
    if (report_.images == 0)
      throw Error(
          {&codes::kDatasetTruthMissing,
           fmt::format("None of {} images can be kept: each lacks sound pixels or ground truth.", report_.left_out),
           "`ocrdet dataset check` says what is wrong with each.",
           {{"missing", std::int64_t(report_.left_out)}},
           {}});
    writer_.finish();
    return std::move(report_);
  }

 private:
  void report(const Findings& findings, Changes changes) {
    const auto made = [changes](const Remedy* remedy) {
      return remedy && (changes == Changes::kAll || remedy->leaves_out);
    };
    for (const FindingKind* kind : findings.found())
      if (made(remedyFor(kind))) report_.counts[kind] += findings.count(*kind);
    for (const SetFinding& finding : findings.kept())
      if (const Remedy* remedy = remedyFor(finding.kind); made(remedy))
        report_.actions.push_back({finding, remedy->done});
  }

  void addEntry(const std::string& split, const SplitEntry& entry, CheckedEntry& checked) {
    reportTwin(split, entry, checked);
    const bool left_out = !entry.truth || leavesOut(checked.findings);
    report(checked.findings, left_out ? Changes::kLeavingOut : Changes::kAll);
    if (left_out) {
      ++report_.left_out;
      return;
    }
    owners_.emplace(checked.image.digest, std::pair(split, entry.image.string()));
    const auto bytes = MappedFile::open(entry.image);
    fs::path name = entry.image.filename();
    if (checked.findings.has(kinds::kImageWrongExtension)) name.replace_extension(extensionOf(bytes->bytes()));
    writer_.add(split, name.string(), bytes->bytes(), checked.mended);
    ++report_.images;
    report_.texts += checked.mended.size();
  }

  // Only of an image that is in the copy: the twin of one that was left out must stay.
  void reportTwin(const std::string& split, const SplitEntry& entry, CheckedEntry& checked) {
    const auto other = owners_.find(checked.image.digest);
    if (other == owners_.end()) return;
    const bool same_split = other->second.first == split;
    checked.findings.add(same_split ? kinds::kImageDuplicate : kinds::kSetOverlap, entry.image.string(), 0,
                         fmt::format("has the pixels of {}", other->second.second));
  }

  static std::string extensionOf(std::span<const std::byte> image) {
    switch (readImageInfo(image).format) {
      case ImageFormat::kJpeg:
        return ".jpg";
      case ImageFormat::kPng:
        return ".png";
      case ImageFormat::kWebp:
        return ".webp";
      case ImageFormat::kTiff:
        return ".tif";
      case ImageFormat::kBmp:
        return ".bmp";
    }
    return "";
  }

  SetWriter writer_;
  const CheckOptions& options_;
  // Of images in the copy: digest to split and image.
  std::map<std::string, std::pair<std::string, std::string>> owners_;
  FixReport report_;
};

}  // namespace

FixReport fixDataset(const fs::path& folder, const fs::path& out, const CheckOptions& options) {
  std::vector<SplitFolders> splits = findSplits(folder);
  // Test first: an image of both stays there.
  std::stable_sort(splits.begin(), splits.end(),
                   [](const SplitFolders& a, const SplitFolders& b) { return a.split < b.split; });
  CheckOptions checked = options;
  checked.image.decode = true;
  Fixing fixing(out, checked);
  for (const SplitFolders& folders : splits) fixing.addSplit(folders);
  return fixing.finish();
}

std::string toText(const FixReport& report, std::size_t shown) {
  std::string text;
  for (const Remedy& remedy : kRemedies) {
    const std::size_t count = countOf(remedy, report);
    if (count == 0) continue;
    text += fmt::format("{}: {}  ({})\n", remedy.kind->code, remedy.done, count);
    std::size_t listed = 0;
    for (const FixAction& action : report.actions) {
      if (action.finding.kind != remedy.kind || listed == shown) continue;
      ++listed;
      const std::string line = action.finding.line > 0 ? fmt::format(":{}", action.finding.line) : "";
      text += fmt::format("    {}{}: {}\n", action.finding.file, line, action.finding.message);
    }
    if (listed < count) text += fmt::format("    … and {} more\n", count - listed);
  }
  return text + fmt::format("{} images kept with {} texts, {} left out", report.images, report.texts, report.left_out);
}

Json toJson(const FixReport& report) {
  Json actions = Json::array();
  for (const FixAction& action : report.actions) {
    Json item{{"code", action.finding.kind->code}, {"file", action.finding.file}};
    if (action.finding.line > 0) item["line"] = action.finding.line;
    item["message"] = action.finding.message;
    item["done"] = action.remedy;
    actions.push_back(std::move(item));
  }
  Json counts = Json::object();
  for (const Remedy& remedy : kRemedies)
    if (const std::size_t count = countOf(remedy, report)) counts[remedy.kind->code] = count;
  return {{"success", true},       {"images", report.images}, {"left_out", report.left_out},
          {"texts", report.texts}, {"counts", counts},        {"actions", actions}};
}

}  // namespace ocrdet
