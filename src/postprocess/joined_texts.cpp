#include "postprocess/joined_texts.h"

#include <algorithm>
#include <map>
#include <opencv2/imgproc.hpp>
#include <queue>
#include <tuple>

namespace ocrdet {
namespace {

using candidates::Contour;

// Chosen on six validation cuts (docs/training.md), where each has a broad optimum. Levels end at 0.95; sums of floats
// come out a little above.
constexpr float kStep = 0.05F, kHighest = 0.955F;
constexpr double kHighestBoxThreshold = 0.5, kAboveBoxThreshold = 0.15, kLeastCover = 0.6, kMostLoss = 0.06;
constexpr int kMostPixels = 32;  // to look at, in maps: nested candidates could ask for thousands

// Without those in its holes, which are other candidates.
cv::Mat pixelsOf(const Contour& contour, const cv::Rect& window, const cv::Mat& text_pixels) {
  cv::Mat filled = cv::Mat::zeros(window.size(), CV_8U), components;
  cv::fillPoly(filled, std::vector<Contour>{contour}, cv::Scalar(255), cv::LINE_8, 0, -window.tl());
  cv::connectedComponents(filled & text_pixels, components, 8, CV_32S);
  return components == components.at<int>(contour.front() - window.tl());
}

Contour moved(Contour contour, const cv::Point& by) {
  for (cv::Point& point : contour) point += by;
  return contour;
}

}  // namespace

// A part as it is flooded: its pixels in the order in which they were reached, and the least probability on the way to
// each, which falls.
struct JoinedTexts::Flooded {
  Contour pixels;
  std::vector<float> levels;
};

// A candidate in the window around it.
struct JoinedTexts::Region {
  cv::Rect window;
  cv::Mat probabilities;
  cv::Mat pixels;  // 255 where the candidate is
  cv::Mat labels;  // whose each pixel is: the number of the part, from 1
  std::vector<Flooded> parts{};
};

JoinedTexts::JoinedTexts(const ProbabilityMap& map, const PostprocessOptions& options)
    : map_(map), options_(options), pixels_left_(kMostPixels * std::int64_t(map.values.size())) {}

std::vector<TextPart> JoinedTexts::takeApart(const Contour& candidate) {
  if (candidates::isScoredByContour(options_) || options_.dilate || options_.box_threshold > kHighestBoxThreshold)
    return {};
  const cv::Rect window = cv::boundingRect(candidate);
  if (!spend(window.area())) return {};
  const cv::Mat map(map_.height, map_.width, CV_32F, const_cast<float*>(map_.values.data()));
  Region region{window, map(window), pixelsOf(candidate, window, map(window) > options_.pixel_threshold),
                cv::Mat::zeros(window.size(), CV_32S)};
  findCores(region, cv::Rect(cv::Point(), window.size()), region.pixels, lowestLevel());
  if (region.parts.empty()) return {};

  const Pairs neighbours = flood(region);
  std::vector<TextPart> parts;
  for (const Flooded& flooded : region.parts) parts.push_back(cutBack(flooded));
  joinLines(neighbours, parts);

  std::erase_if(parts, [&](const TextPart& part) {
    return part.hull.empty() || !(part.score >= options_.box_threshold) ||
           candidates::isTooThin(part.rectangle, options_);
  });
  std::size_t covered = 0;
  for (const TextPart& part : parts) covered += part.pixels;
  if (pixels_left_ < 0 || double(covered) < kLeastCover * cv::countNonZero(region.pixels)) return {};
  return parts;
}

float JoinedTexts::lowestLevel() const {
  return std::max(0.0F, options_.pixel_threshold);
}

bool JoinedTexts::isCore(const TextPart& part) const {
  return part.score >= options_.box_threshold + kAboveBoxThreshold;
}

TextPart JoinedTexts::measured(Contour hull, std::size_t pixels) {
  const cv::RotatedRect rectangle = cv::minAreaRect(hull);
  spend(std::int64_t(rectangle.size.area()));
  return {std::move(hull), pixels, rectangle, candidates::meanInRectangle(map_, rectangle)};
}

// Among `pixels`, those of the region's window `window` that are above `level`: what scores enough at the next levels.
void JoinedTexts::findCores(Region& region, const cv::Rect& window, const cv::Mat& pixels, float level) {
  level += kStep;
  if (level > kHighest || !spend(window.area())) return;
  const cv::Mat above = pixels & (region.probabilities(window) > level);
  for (const Contour& contour : candidates::outerContours(above, options_.max_candidates)) {
    const TextPart part = measured(moved(contour, window.tl() + region.window.tl()), 0);
    if (candidates::isTooThin(part.rectangle, options_)) continue;
    const cv::Rect inner = cv::boundingRect(contour), own = inner + window.tl();
    if (!spend(inner.area())) return;
    const cv::Mat own_pixels = pixelsOf(contour, inner, above(inner));
    if (isCore(part))
      addCore(region, own, own_pixels);
    else
      findCores(region, own, own_pixels, level);
  }
}

void JoinedTexts::addCore(Region& region, const cv::Rect& window, const cv::Mat& pixels) {
  Flooded core;
  cv::findNonZero(pixels, core.pixels);
  core.pixels = moved(std::move(core.pixels), window.tl());
  core.levels.assign(core.pixels.size(), 1);
  region.parts.push_back(std::move(core));
  region.labels(window).setTo(int(region.parts.size()), pixels);
}

// Gives the region's pixels to the cores, those first that are reached by the brightest way. Returns which parts touch,
// counted from 0.
JoinedTexts::Pairs JoinedTexts::flood(Region& region) {
  Pairs touching;
  using Reached = std::tuple<float, std::int64_t, int, int>;  // level, turn among equals (falls), y, x
  std::priority_queue<Reached> queue;
  std::int64_t turn = 0;
  const cv::Rect inside(cv::Point(), region.window.size());
  const auto spread = [&](const cv::Point& from, float level) {
    const int label = region.labels.at<int>(from);
    for (int y = from.y - 1; y <= from.y + 1; ++y)
      for (int x = from.x - 1; x <= from.x + 1; ++x) {
        const cv::Point to(x, y);
        if (!inside.contains(to) || !region.pixels.at<std::uint8_t>(to)) continue;
        int& other = region.labels.at<int>(to);
        if (other > 0 && other != label) touching.insert(std::minmax(other - 1, label - 1));
        if (other > 0) continue;
        other = label;
        queue.emplace(std::min(level, region.probabilities.at<float>(to)), --turn, y, x);
      }
  };
  for (const Flooded& core : region.parts)
    for (const cv::Point& pixel : core.pixels) spread(pixel, 1);
  while (!queue.empty()) {
    const auto [level, its_turn, y, x] = queue.top();
    queue.pop();
    Flooded& part = region.parts[std::size_t(region.labels.at<int>(y, x) - 1)];
    part.pixels.emplace_back(x, y);
    part.levels.push_back(level);
    spread({x, y}, level);
  }
  for (Flooded& part : region.parts) part.pixels = moved(std::move(part.pixels), region.window.tl());
  return touching;
}

// At the lowest level at which it scores as much as a core, which it does as the core that it was.
TextPart JoinedTexts::cutBack(const Flooded& flooded) {
  for (float level = lowestLevel();; level += kStep) {
    const auto end = std::partition_point(flooded.levels.begin(), flooded.levels.end(),
                                          [&](float reached) { return reached > level; });
    const auto count = end - flooded.levels.begin();
    Contour hull;
    cv::convexHull(Contour(flooded.pixels.begin(), flooded.pixels.begin() + count), hull);
    TextPart part = measured(std::move(hull), std::size_t(count));
    if (isCore(part) || level + kStep > kHighest || pixels_left_ < 0) return part;
  }
}

// Letters of a line that the threshold took apart as well: neighbours whose common rectangle scores nearly what theirs
// do. The best pair first; what joined another stays behind without hull.
void JoinedTexts::joinLines(const Pairs& pairs, std::vector<TextPart>& parts) {
  std::map<std::pair<int, int>, std::pair<double, TextPart>> joints;  // loss of score, and what it would be
  const auto consider = [&](const std::pair<int, int>& pair) {
    const TextPart &a = parts[std::size_t(pair.first)], &b = parts[std::size_t(pair.second)];
    Contour points = a.hull, hull;
    points.insert(points.end(), b.hull.begin(), b.hull.end());
    cv::convexHull(points, hull);
    TextPart joint = measured(std::move(hull), a.pixels + b.pixels);
    const double area_a = a.rectangle.size.area(), area_b = b.rectangle.size.area();
    const double loss = (a.score * area_a + b.score * area_b) / (area_a + area_b) - joint.score;
    if (loss <= kMostLoss && joint.score >= options_.box_threshold) joints[pair] = {loss, std::move(joint)};
  };
  for (const auto& pair : pairs)
    if (pixels_left_ >= 0) consider(pair);
  while (!joints.empty() && spend(std::int64_t(joints.size()))) {
    const auto best = std::min_element(joints.begin(), joints.end(),
                                       [](const auto& a, const auto& b) { return a.second.first < b.second.first; });
    const auto [kept, gone] = best->first;
    parts[std::size_t(kept)] = std::move(best->second.second);
    parts[std::size_t(gone)] = {};
    Pairs again;
    std::erase_if(joints, [&, kept = kept, gone = gone](const auto& joint) {
      const auto [a, b] = joint.first;
      if (a != kept && a != gone && b != kept && b != gone) return false;
      const int other = a == kept || a == gone ? b : a;
      if (other != kept && other != gone) again.insert(std::minmax(kept, other));
      return true;
    });
    for (const auto& pair : again) consider(pair);
  }
}

}  // namespace ocrdet
