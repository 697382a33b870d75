#include "detect/empty_reason.h"

#include <fmt/format.h>

#include <algorithm>

namespace ocrdet {
namespace {

// The highest pixel threshold, in steps, that gives boxes together with this box threshold; 0 if none does.
double workingPixelThreshold(const ProbabilityMap& map, const Frame& frame, PostprocessOptions options) {
  for (const float threshold : {0.3F, 0.2F, 0.15F, 0.1F, 0.05F}) {
    if (threshold >= options.pixel_threshold) continue;
    options.pixel_threshold = threshold;
    options.box_threshold = std::min(options.box_threshold, double(threshold));
    if (!findText(map, frame, options).found.empty()) return threshold;
  }
  return 0;
}

}  // namespace

std::string emptyReason(const ProbabilityMap& map, const Frame& frame, const PostprocessOptions& used,
                        const PostprocessCounts& counts) {
  float best = 0;
  for (const float p : map.values) best = p > best ? p : best;  // NaN is never greater
  const std::string size = fmt::format("the picture was seen at {}×{} (height × width)", int(frame.resized_height),
                                       int(frame.resized_width));
  if (counts.below_box_threshold > 0)
    return fmt::format(
        "{} places look like text, but the best has a score of {:.3f}, below the box threshold {:g}; {}. "
        "--box-threshold {:.2f} would give boxes.",
        counts.below_box_threshold, counts.best_rejected_score, used.box_threshold, size,
        std::max(0.0, counts.best_rejected_score - 0.005));
  if (counts.too_small > 0)
    return fmt::format(
        "{} places look like text, but are less than {:g} pixels high; {}. Text may be too small: use a larger size.",
        counts.too_small, used.min_side, size);
  const double threshold = workingPixelThreshold(map, frame, used);
  if (threshold > 0)
    return fmt::format(
        "no probability is above the pixel threshold {:g}, the best is {:.3f}; {}. "
        "--pixel-threshold {:g} --box-threshold {:g} would give boxes.",
        used.pixel_threshold, best, size, threshold, std::min(used.box_threshold, threshold));
  return fmt::format("there seems to be no text: the best probability is {:.3f}; {}.", best, size);
}

}  // namespace ocrdet
