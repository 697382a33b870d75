// Valid sizes near a given one.
//
// "Closest" means the smallest change of scale: (ln h'/h)² + (ln w'/w)² treats 10 % more and 10 % less alike, at every
// size. All pairs in the range are tried, because the limit on the ratio ties the sides together.

#include <algorithm>
#include <cmath>
#include <tuple>

#include "ocrdet/contract.h"

namespace ocrdet {
namespace {

// Sums that are equal in mathematics differ in their last bits: 1408x320 is as far from 1280x320 as from 1408x352.
constexpr double kSameDistance = 1e-12;

struct Candidate {
  std::int64_t side;
  double distance;  // (ln side'/side)²
};

std::vector<Candidate> candidates(std::int64_t side, SideRange range) {
  const double wanted = static_cast<double>(std::max<std::int64_t>(side, 1));
  std::vector<Candidate> found;
  for (std::int64_t each = range.smallest; each <= range.largest; each += kSizeMultiple) {
    const double change = std::log(static_cast<double>(each) / wanted);
    found.push_back({each, change * change});
  }
  return found;
}

Size closestSize(Size wanted, SideRange range) {
  const std::vector<Candidate> heights = candidates(wanted.height, range), widths = candidates(wanted.width, range);
  Size best;
  double best_distance = INFINITY;
  const auto order = [](Size size) { return std::tuple(size.height * size.width, size.height); };
  for (const Candidate& height : heights) {
    for (const Candidate& width : widths) {
      const auto [shorter, longer] = std::minmax(height.side, width.side);
      if (longer > kLargestRatio * shorter) continue;
      const Size size{height.side, width.side};
      const double distance = height.distance + width.distance;
      const bool nearer = distance < best_distance - kSameDistance;
      const bool as_near = distance <= best_distance + kSameDistance;
      if (nearer || (as_near && order(size) < order(best))) {
        best = size;
        best_distance = distance;
      }
    }
  }
  return best;
}

std::int64_t roundDown(std::int64_t side, SideRange range) {
  const std::int64_t inside = std::clamp(side, range.smallest, range.largest);
  return std::max(inside / kSizeMultiple * kSizeMultiple, range.smallest);
}

std::int64_t roundUp(std::int64_t side, SideRange range) {
  const std::int64_t inside = std::clamp(side, range.smallest, range.largest);
  return std::min((inside + kSizeMultiple - 1) / kSizeMultiple * kSizeMultiple, range.largest);
}

}  // namespace

Size roundSize(Size size, Rounding rounding, SideRange range) {
  switch (rounding) {
    case Rounding::kUp:
      return {roundUp(size.height, range), roundUp(size.width, range)};
    case Rounding::kDown:
      return {roundDown(size.height, range), roundDown(size.width, range)};
    case Rounding::kClosest:
      break;
  }
  return closestSize(size, range);
}

Suggestions suggestSizes(Size size, SideRange range) {
  return {roundSize(size, Rounding::kDown, range), roundSize(size, Rounding::kUp, range),
          roundSize(size, Rounding::kClosest, range)};
}

}  // namespace ocrdet
