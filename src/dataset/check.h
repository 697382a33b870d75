// The doctor: everything that is wrong with a data set, with file and line, without changing anything.
//
//   const CheckReport report = checkDataset("icdar2015/");
//   report.clean()    // no errors and no warnings; notes are normal in good sets
//
// Files are read once, on several threads; findings come in the order of the lists. Of each image a digest and a small
// thumbnail are kept, of findings the first thousand of a kind: memory stays small however large the set is.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "dataset/check_image.h"
#include "dataset/finding.h"
#include "dataset/layout.h"

namespace ocrdet {

struct CheckOptions {
  ImageCheckOptions image;
  int threads = 0;                               // 0: as many as there are processors
  std::function<void(std::size_t total)> begin;  // for progress
  std::function<void()> after_each;
};

struct SplitSummary {
  SplitFolders folders;
  TruthForm form = TruthForm::kQuads;
  std::size_t images = 0, without_text = 0;
  std::size_t texts = 0, ignored = 0;
};

struct CheckReport {
  std::filesystem::path folder;
  std::vector<SplitSummary> splits;
  Findings findings;

  bool clean() const { return findings.count(Level::kError) == 0 && findings.count(Level::kWarning) == 0; }
};

// Throws dataset.layout-unknown, file.missing (no such folder), what readTextFile throws for a list, and
// run.interrupted; all else is a finding.
CheckReport checkDataset(const std::filesystem::path& folder, const CheckOptions& options = {});

// For people: a table, `shown` findings of each kind. Notes are listed one by one only with `notes`.
std::string toText(const CheckReport& report, std::size_t shown, bool notes);
Json toJson(const CheckReport& report);

}  // namespace ocrdet
