// One image file under the loupe, and what is kept of it to find its likes.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "dataset/check_truth.h"
#include "dataset/finding.h"

namespace ocrdet {

// The picture in 24 × 24 grey cells: equal up to a few levels however it was stored or shrunk.
using Thumbnail = std::array<std::uint8_t, 24 * 24>;

struct CheckedImage {
  bool usable = false;
  PictureFrame frame;
  int orientation = 1;
  std::string digest;     // SHA-256 of size and pixels, or of the file when it was not decoded
  Thumbnail thumbnail{};  // only when decoded
};

struct ImageCheckOptions {
  bool decode = true;  // otherwise the header alone is read: faster, but damage behind it stays unseen
  std::int64_t max_pixels = 100'000'000;
};

CheckedImage checkImage(const std::filesystem::path& path, const ImageCheckOptions& options, Findings& findings);

// Pairs of images, one of each list, whose thumbnails differ by no more than another JPEG quality or size makes them
// differ. Pictures that are nearly blank are never alike. Pairs with equal digests are left out.
struct ImagePair {
  std::size_t first, second;
};
std::vector<ImagePair> likePairs(const std::vector<CheckedImage>& first, const std::vector<CheckedImage>& second);

}  // namespace ocrdet
