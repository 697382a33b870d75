// What a line of a list names: an image of its split, and perhaps the file of ground truth.
//
//   1.jpg                               a bare name, as seen from the folder of images
//   1.jpg<tab>…, 1.jpg,… and 1.jpg …    a name, and its label file or PaddleOCR's JSON
//   train_images/1.jpg                  a path from the set, from above it, or from another machine, also with `\`
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/layout.h"

namespace ocrdet {

struct ListedImage {
  std::string name;         // as seen from the folder of images
  std::string label;        // what stands behind it, perhaps a file of ground truth; as it stands
  bool other_path = false;  // only this reader gets from the line to the name
};

// In which ways the line can be cut into name and rest, the whole line first. Names as they stand.
std::vector<ListedImage> readingsOf(std::string_view line);

// The first reading that names a file, or nothing.
std::optional<ListedImage> listedImage(std::string_view line, const SplitFolders& folders);

// `../1.jpg` or `/elsewhere/1.jpg`.
bool leavesFolder(const std::string& name);

// The file that the label of a pair names: from the set, or from the folder of ground truth. Nothing when it is not
// there.
std::optional<std::filesystem::path> labelFile(const ListedImage& image, const SplitFolders& folders);

}  // namespace ocrdet
