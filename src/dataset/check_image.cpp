#include "dataset/check_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <numeric>
#include <opencv2/imgproc.hpp>
#include <span>

#include "base/cancellation.h"
#include "base/mapped_file.h"
#include "base/sha256.h"
#include "image/decode.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

constexpr int kSmallestSide = 32;  // the network's multiple: less than one cell of its deepest map
constexpr int kCells = 24;

const FindingKind& kindOf(const ErrorCode& code) {
  if (&code == &codes::kImageTruncated) return kinds::kImageTruncated;
  if (&code == &codes::kImageTooLarge) return kinds::kImageTooLarge;
  return kinds::kImageUnreadable;
}

Thumbnail thumbnailOf(const Image& image) {
  cv::Mat small, grey;
  cv::resize(view(image), small, {kCells, kCells}, 0, 0, cv::INTER_AREA);
  cv::cvtColor(small, grey, cv::COLOR_BGR2GRAY);
  Thumbnail thumbnail;
  std::copy(grey.begin<std::uint8_t>(), grey.end<std::uint8_t>(), thumbnail.begin());
  return thumbnail;
}

std::string digestOf(const Image& image) {
  const std::string pixels = sha256(std::as_bytes(std::span(image.bgr.data(), image.bgr.size())));
  return fmt::format("{}x{} {}", image.height, image.width, pixels);
}

void checkHeader(const fs::path& path, const ImageInfo& info, Findings& findings) {
  if (formatOfName(path) != info.format)
    findings.add(kinds::kImageWrongExtension, 0, fmt::format("is a {} file", name(info.format)));
  if (info.orientation > 1)
    findings.add(kinds::kImageOrientation, 0, fmt::format("carries orientation {}", info.orientation));
  if (info.pages > 1) findings.add(kinds::kImagePages, 0, fmt::format("has {} pages", info.pages));
  if (std::min(info.height, info.width) < kSmallestSide)
    findings.add(kinds::kImageTooSmall, 0, fmt::format("is {} wide and {} high", info.width, info.height));
}

double meanOf(const Thumbnail& thumbnail) {
  return std::accumulate(thumbnail.begin(), thumbnail.end(), 0.0) / double(thumbnail.size());
}

bool isBlank(const Thumbnail& thumbnail) {
  const double mean = meanOf(thumbnail);
  double squares = 0;
  for (const std::uint8_t cell : thumbnail) squares += (cell - mean) * (cell - mean);
  return std::sqrt(squares / double(thumbnail.size())) < 6;
}

bool alike(const CheckedImage& a, const CheckedImage& b) {
  constexpr int kMostOfACell = 10;
  constexpr double kMostOnAverage = 2;
  const double ratio =
      double(a.frame.upright.width) / a.frame.upright.height * b.frame.upright.height / b.frame.upright.width;
  if (std::abs(ratio - 1) > 0.02) return false;
  int sum = 0;
  for (std::size_t i = 0; i < a.thumbnail.size(); ++i) {
    const int difference = std::abs(int(a.thumbnail[i]) - int(b.thumbnail[i]));
    if (difference > kMostOfACell) return false;
    sum += difference;
  }
  return sum <= kMostOnAverage * double(a.thumbnail.size());
}

}  // namespace

CheckedImage checkImage(const fs::path& path, const ImageCheckOptions& options, Findings& findings) {
  CheckedImage checked;
  try {
    const auto file = MappedFile::open(path);
    if (file->bytes().empty()) {
      findings.add(kinds::kImageEmpty, 0, "has no bytes");
      return checked;
    }
    const ImageInfo info = readImageInfo(file->bytes());
    checked.orientation = info.orientation;
    checked.frame.stored = {info.height, info.width};
    checked.frame.upright =
        exchangesSides(info.orientation) ? PixelSize{info.width, info.height} : checked.frame.stored;
    checkHeader(path, info, findings);
    if (options.decode) {
      const Image image = decodeImage(file->bytes(), {.max_pixels = options.max_pixels});
      checked.digest = digestOf(image);
      checked.thumbnail = thumbnailOf(image);
    } else {
      checked.digest = sha256(file->bytes());
    }
    checked.usable = true;
  } catch (const Error& error) {
    if (error.exitStatus() != ExitStatus::kInput) throw;
    findings.add(kindOf(error.code()), 0, error.problems().front().message);
  }
  return checked;
}

std::vector<ImagePair> likePairs(const std::vector<CheckedImage>& first, const std::vector<CheckedImage>& second) {
  std::multimap<double, std::size_t> by_brightness;
  for (std::size_t i = 0; i < second.size(); ++i)
    if (second[i].usable && !isBlank(second[i].thumbnail)) by_brightness.emplace(meanOf(second[i].thumbnail), i);
  std::vector<ImagePair> pairs;
  for (std::size_t i = 0; i < first.size(); ++i) {
    throwIfInterrupted();
    if (!first[i].usable || isBlank(first[i].thumbnail)) continue;
    const double mean = meanOf(first[i].thumbnail);
    const auto end = by_brightness.upper_bound(mean + 2);
    for (auto candidate = by_brightness.lower_bound(mean - 2); candidate != end; ++candidate) {
      const CheckedImage& other = second[candidate->second];
      if (first[i].digest != other.digest && alike(first[i], other)) pairs.push_back({i, candidate->second});
    }
  }
  return pairs;
}

}  // namespace ocrdet
