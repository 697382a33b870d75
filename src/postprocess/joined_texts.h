// Texts that a bridge joins into one candidate, too bent for a rectangle: most of it is background, so that it
// scores too low and all of them would be lost. (Two lines of a title page whose letters nearly touch, columns of
// figures, a line whose paint runs on faintly beyond its end.) Internal to src/postprocess.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <set>
#include <utility>
#include <vector>

#include "postprocess/candidates.h"

namespace ocrdet {

// One of the texts. Rectangle and hull in map pixels.
struct TextPart {
  candidates::Contour hull;
  std::size_t pixels = 0;
  cv::RotatedRect rectangle;
  double score = 0;  // mean probability in the rectangle
};

// For the candidates of one map. The threshold is raised within a candidate until parts score clearly more than a box
// has to: the cores. Its other pixels join the core that they reach by the brightest way, as far as the part still
// scores as much; and parts of one line become one again. What is found must be most of the candidate: otherwise the
// letters of a weak sign would come back as boxes of their own.
class JoinedTexts {
 public:
  // Both must outlive it.
  JoinedTexts(const ProbabilityMap& map, const PostprocessOptions& options);

  // Of a candidate that scores below the box threshold; none when it is no joined texts, or when looking at the map's
  // candidates took too long. Outlines and contours' scores follow bent texts by themselves and get none, nor does
  // dilation, which joins texts on purpose, nor do box thresholds above one half: who asks for these wants certain
  // boxes, not what a guess leaves of others.
  std::vector<TextPart> takeApart(const candidates::Contour& candidate);

 private:
  struct Region;
  struct Flooded;
  using Pairs = std::set<std::pair<int, int>>;

  bool spend(std::int64_t pixels) { return (pixels_left_ -= pixels) >= 0; }
  float lowestLevel() const;
  bool isCore(const TextPart& part) const;
  TextPart measured(candidates::Contour hull, std::size_t pixels);
  void findCores(Region& region, const cv::Rect& window, const cv::Mat& pixels, float level);
  static void addCore(Region& region, const cv::Rect& window, const cv::Mat& pixels);
  static Pairs flood(Region& region);
  TextPart cutBack(const Flooded& flooded);
  void joinLines(const Pairs& pairs, std::vector<TextPart>& parts);

  const ProbabilityMap& map_;
  const PostprocessOptions& options_;
  std::int64_t pixels_left_;
};

}  // namespace ocrdet
