// One image and its ground truth under the loupe; the doctor and the repairs begin with it.
#pragma once

#include <vector>

#include "dataset/check_image.h"
#include "dataset/check_truth.h"
#include "dataset/split_entries.h"

namespace ocrdet {

struct CheckedEntry {
  CheckedImage image;
  std::vector<NumberedTruth> truth;  // of the lines that can be read
  std::vector<TruthLine> mended;     // what mendTruth makes of it; of an image that cannot be used nothing
  std::size_t ignored = 0;           // how many of them are
  bool understood = false;           // the ground truth is there, and every line of it was read
  Findings findings;
};

// Throws run.interrupted; all else is a finding.
CheckedEntry checkEntry(const SplitEntry& entry, TruthForm form, const ImageCheckOptions& options);

}  // namespace ocrdet
