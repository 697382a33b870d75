// Ground truth as ICDAR 2015 writes it, in every layout of folders and names that the tools of this field use.
//
//   DIR/test_list.txt   test_images/   test_gts/      (or train_…; without a list: every image of the folder)
//   DIR/images/  DIR/gts/                             (one set, no split)
//   DIR/*.jpg  DIR/gt_*.txt                           (all in one folder)
//
// The truth of `1.jpg` is `1.txt`, `1.jpg.txt`, `gt_1.txt` or `gt_1.jpg.txt`; ModelScope cuts names at the first dot,
// so `a.b.jpg` may also have `a.txt`. Lists hold bare names, or name and label file in one line.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ocrdet/geometry.h"

namespace ocrdet {

struct TruthLine {
  Polygon points;
  std::string text;
  bool ignored = false;  // the text is ### or *
};

// `x1,y1,…,x4,y4,text`: everything behind the eighth comma is the text, quotes around it are undone. A byte order mark
// and white space around the line do not count. Throws dataset.line-unreadable.
TruthLine parseTruthLine(std::string_view line);

// All lines of a file that are not blank. Errors name the file and the line. Throws file.missing, too.
std::vector<TruthLine> readTruthFile(const std::filesystem::path& path);

struct TruthImage {
  std::filesystem::path image;
  std::filesystem::path truth;
};

// `split` is "test" or "train". In the order of the list, otherwise of the names. Throws dataset.layout-unknown and
// dataset.truth-missing, the latter naming the images.
std::vector<TruthImage> findTruth(const std::filesystem::path& folder, const std::string& split);

}  // namespace ocrdet
