// A mended copy of a data set.
//
// The copy has ModelScope's layout: lists, `train_images/`, `train_gts/NAME.txt` and so on, UTF-8, line feeds, corners
// in order. What can be mended is; an image that cannot be used, or whose ground truth is lost or cannot be understood,
// is left out: training on it would teach that its text is none. Of images that are in train and in test, test keeps
// its own, unless that one is left out. The original stays as it is.
#pragma once

#include <map>

#include "dataset/check.h"

namespace ocrdet {

struct FixAction {
  SetFinding finding;
  std::string_view remedy;  // what was done about it
};

struct FixReport {
  std::vector<FixAction> actions;                    // of each list and file the first thousand of a kind
  std::map<const FindingKind*, std::size_t> counts;  // of all
  std::size_t images = 0, left_out = 0;
  std::size_t texts = 0;
};

// Throws what checkDataset throws, file.exists when there is something at `out`, file.unwritable, and
// dataset.truth-missing when no image can be kept. After an error, or Ctrl-C, there is no copy.
FixReport fixDataset(const std::filesystem::path& folder, const std::filesystem::path& out,
                     const CheckOptions& options = {});

std::string toText(const FixReport& report, std::size_t shown);
Json toJson(const FixReport& report);

}  // namespace ocrdet
