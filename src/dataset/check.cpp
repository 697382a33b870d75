#include "dataset/check.h"

#include <fmt/format.h>

#include <map>

#include "base/ordered_parallel.h"
#include "base/paths.h"
#include "base/processors.h"
#include "dataset/check_entry.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

struct CheckedSplit {
  std::vector<SplitEntry> entries;
  std::vector<CheckedImage> images;
};

void reportTwins(const CheckedSplit& split, Findings& findings) {
  std::map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < split.images.size(); ++i) {
    if (!split.images[i].usable) continue;
    const auto [earlier, fresh] = first.emplace(split.images[i].digest, i);
    if (!fresh)
      findings.add(kinds::kImageDuplicate, split.entries[i].image.string(), 0,
                   fmt::format("has the pixels of {}", split.entries[earlier->second].image.string()));
  }
}

void reportOverlap(const CheckedSplit& train, const CheckedSplit& test, Findings& findings) {
  std::map<std::string, std::size_t> by_digest;
  for (std::size_t i = 0; i < test.images.size(); ++i)
    if (test.images[i].usable) by_digest.emplace(test.images[i].digest, i);
  for (std::size_t i = 0; i < train.images.size(); ++i)
    if (const auto same = by_digest.find(train.images[i].digest); train.images[i].usable && same != by_digest.end())
      findings.add(kinds::kSetOverlap, train.entries[i].image.string(), 0,
                   fmt::format("has the pixels of {}", test.entries[same->second].image.string()));
  for (const ImagePair& pair : likePairs(train.images, test.images))
    findings.add(kinds::kSetOverlapLikely, train.entries[pair.first].image.string(), 0,
                 fmt::format("looks like {}", test.entries[pair.second].image.string()));
}

void reportWholeSplit(const SplitSummary& summary, Findings& findings) {
  const std::string folder = summary.folders.images.string();
  if (summary.images == 0)
    findings.add(kinds::kSetEmpty, folder, 0, isFolder(folder) ? "no image is there" : "the folder is not there");
  else if (summary.texts == 0)
    findings.add(kinds::kSetNoText, folder, 0, fmt::format("none of {} images has text", summary.images));
  else if (summary.texts == summary.ignored)
    findings.add(kinds::kSetAllIgnored, folder, 0,
                 fmt::format("all {} texts of {} images are ignored", summary.texts, summary.images));
}

CheckedSplit checkSplit(SplitSummary& summary, const CheckOptions& options, Findings& findings) {
  CheckedSplit split;
  split.entries = splitEntries(summary.folders, findings);
  summary.form = formOf(split.entries);
  const int threads = options.threads > 0 ? options.threads : usableProcessors();
  if (options.begin) options.begin(split.entries.size());
  const auto check = [&](std::size_t i) { return checkEntry(split.entries[i], summary.form, options.image); };
  orderedParallel(split.entries.size(), threads, check, [&](std::size_t, CheckedEntry&& checked) {
    summary.texts += checked.truth.size();
    summary.ignored += checked.ignored;
    summary.without_text += checked.understood && checked.truth.empty();
    findings.add(checked.findings);
    split.images.push_back(std::move(checked.image));
    if (options.after_each) options.after_each();
  });
  summary.images = split.images.size();
  reportTwins(split, findings);
  reportWholeSplit(summary, findings);
  return split;
}

}  // namespace

CheckReport checkDataset(const fs::path& folder, const CheckOptions& options) {
  const std::vector<SplitFolders> splits = findSplits(folder);
  CheckReport report;
  report.folder = folder;
  std::map<std::string, CheckedSplit> checked;
  for (const SplitFolders& folders : splits) {
    report.splits.push_back({folders});
    checked[folders.split] = checkSplit(report.splits.back(), options, report.findings);
  }
  if (checked.contains("train") && checked.contains("test"))
    reportOverlap(checked["train"], checked["test"], report.findings);
  return report;
}

}  // namespace ocrdet
