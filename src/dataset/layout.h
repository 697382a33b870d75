// Which images a data set has, and where the ground truth of each lies, in every layout of folders and names that the
// tools of this field use.
//
//   DIR/test_list.txt   test_images/   test_gts/      (or train_…; without a list: every image of the folder)
//   DIR/ch4_test_images/  Challenge4_Test_Task1_GT/   (ICDAR 2015 as downloaded)
//   DIR/images/  DIR/gts/ or labels/                  (one set, no split)
//   DIR/test/*.jpg  *.gt                              (MSRA-TD500 as published)
//   DIR/*.jpg  DIR/gt_*.txt                           (all in one folder)
//
// The truth of `1.jpg` is `1.txt`, `1.jpg.txt`, `gt_1.txt`, `gt_1.jpg.txt` or `1.gt`; ModelScope cuts names at the
// first dot, so `a.b.jpg` may also have `a.txt`, unless there is an image called `a`. Lists: list_line.h.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "dataset/truth.h"
#include "ocrdet/error.h"

namespace ocrdet {

struct TruthImage {
  std::filesystem::path image;
  std::filesystem::path truth;
  TruthForm form = TruthForm::kQuads;
};

// `split` is "test" or "train"; a set without splits is found under both names. In the order of the list, otherwise of
// the names. Throws dataset.layout-unknown and dataset.truth-missing, the latter naming the images.
std::vector<TruthImage> findTruth(const std::filesystem::path& folder, const std::string& split);

// The ground truth of each, before work that takes long. Throws what readTruthFile does, of twenty files at once.
std::vector<std::vector<TruthLine>> readTruths(std::span<const TruthImage> images);

// The parts of the above, for who must go on when something is missing.

struct SplitFolders {
  std::string split;           // "train", "test", or empty for a set without splits
  std::filesystem::path list;  // need not exist
  std::filesystem::path images, truths;
};

// Throws file.missing when there is no such data set.
void requireThere(const std::filesystem::path& set);

// Every split that is there, also one of which a list or ground truth is there beside another split, but no folder of
// images. Throws dataset.layout-unknown, or file.missing when there is no such folder.
std::vector<SplitFolders> findSplits(const std::filesystem::path& folder);

// Image files of a folder, not of folders in it, by name.
std::vector<std::string> imageNames(const std::filesystem::path& folder);

// dataset.layout-unknown, for whoever looked for image files and found none.
Error holdsNoPictures(const std::filesystem::path& folder);

// Names that the file of ground truth of the image called `name` can have, but for ModelScope's.
std::vector<std::string> truthNames(const std::string& name);

// Files that can be its truth, the one that is read first. `a.txt` alone is not that of `a.b.jpg` beside an `a.jpg`.
std::vector<std::filesystem::path> truthCandidates(const SplitFolders& folders, const std::string& name);

// The form of a set, seen from some of its files: several hundred lines decide, in whatever encoding. A file that
// cannot be read has no vote.
TruthForm guessForm(const std::vector<std::filesystem::path>& truth_files);

}  // namespace ocrdet
