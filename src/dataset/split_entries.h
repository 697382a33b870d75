// The images of one split and their files of ground truth, with what is wrong about names and lists.
#pragma once

#include <optional>
#include <vector>

#include "dataset/finding.h"
#include "dataset/layout.h"

namespace ocrdet {

struct SplitEntry {
  std::filesystem::path image;
  std::optional<std::filesystem::path> truth;
};

// Images that are there, in the order of the list, each once. Names that differ from the list's only in case or ending
// are found, too. An image without ground truth, or whose ground truth belongs to another image, has none here.
std::vector<SplitEntry> splitEntries(const SplitFolders& folders, Findings& findings);

// The form of their ground truth, as guessForm sees it.
TruthForm formOf(const std::vector<SplitEntry>& entries);

}  // namespace ocrdet
