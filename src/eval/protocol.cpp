#include "eval/protocol.h"

#include <algorithm>

#include "postprocess/polygon_area.h"

namespace ocrdet {
namespace {

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

double harmonicMean(double precision, double recall) {
  return ratio(2 * precision * recall, precision + recall);
}

bool contains(const std::vector<int>& sorted, int value) {
  return std::binary_search(sorted.begin(), sorted.end(), value);
}

double intersectionOverUnion(const Polygon& a, const Polygon& b) {
  const double common = intersectionArea(a, b);
  return ratio(common, area(a) + area(b) - common);
}

bool onIgnoredText(const Polygon& detection, const std::vector<TruthShape>& truth, const MatchRules& rules) {
  return std::any_of(truth.begin(), truth.end(), [&](const TruthShape& shape) {
    return shape.ignored && ratio(intersectionArea(shape.points, detection), area(detection)) > rules.area_precision;
  });
}

void match(const std::vector<TruthShape>& truth, const std::vector<Polygon>& found, const MatchRules& rules,
           ImageScore& score) {
  std::vector<bool> taken(found.size(), false);
  for (std::size_t t = 0; t < truth.size(); ++t) {
    if (truth[t].ignored) continue;
    for (std::size_t f = 0; f < found.size(); ++f) {
      if (taken[f] || contains(score.found_excluded, int(f))) continue;
      if (intersectionOverUnion(truth[t].points, found[f]) <= rules.iou) continue;
      score.pairs.emplace_back(int(t), int(f));
      taken[f] = true;
      break;
    }
  }
}

}  // namespace

std::vector<TruthShape> shapesOf(std::span<const TruthLine> truth) {
  std::vector<TruthShape> shapes;
  for (const TruthLine& line : truth) shapes.push_back({line.points, line.ignored});
  return shapes;
}

ImageScore scoreImage(std::span<const TruthShape> all_truth, std::span<const Polygon> all_found,
                      const MatchRules& rules) {
  ImageScore score;
  std::vector<TruthShape> truth;
  std::vector<Polygon> found;
  for (std::size_t t = 0; t < all_truth.size(); ++t)
    if (isSimple(all_truth[t].points))
      truth.push_back(all_truth[t]);
    else
      score.truth_unusable.push_back(int(t));
  for (std::size_t f = 0; f < all_found.size(); ++f)
    if (isSimple(all_found[f]))
      found.push_back(all_found[f]);
    else
      score.found_unusable.push_back(int(f));
  score.truth = int(truth.size());
  score.found = int(found.size());
  for (std::size_t t = 0; t < truth.size(); ++t)
    if (truth[t].ignored) score.truth_ignored.push_back(int(t));
  for (std::size_t f = 0; f < found.size(); ++f)
    if (onIgnoredText(found[f], truth, rules)) score.found_excluded.push_back(int(f));
  match(truth, found, rules, score);

  score.truth_cared = score.truth - int(score.truth_ignored.size());
  score.found_cared = score.found - int(score.found_excluded.size());
  if (score.truth_cared == 0) {
    score.recall = 1;
    score.precision = score.found_cared > 0 ? 0 : 1;
  } else {
    score.recall = ratio(double(score.pairs.size()), score.truth_cared);
    score.precision = ratio(double(score.pairs.size()), score.found_cared);
  }
  score.hmean = harmonicMean(score.precision, score.recall);
  return score;
}

Fates fatesOf(std::span<const TruthShape> truth, std::span<const Polygon> found, const ImageScore& score) {
  Fates fates;
  for (int usable = 0; const TruthShape& shape : truth) {
    const bool counts = isSimple(shape.points);
    const bool paired =
        std::any_of(score.pairs.begin(), score.pairs.end(), [&](const auto& pair) { return pair.first == usable; });
    fates.truth.push_back(!counts         ? TruthFate::kUnusable
                          : shape.ignored ? TruthFate::kIgnored
                          : paired        ? TruthFate::kFound
                                          : TruthFate::kMissed);
    usable += counts;
  }
  for (int usable = 0; const Polygon& shape : found) {
    const bool counts = isSimple(shape);
    const bool paired =
        std::any_of(score.pairs.begin(), score.pairs.end(), [&](const auto& pair) { return pair.second == usable; });
    fates.found.push_back(!counts                                  ? FoundFate::kUnusable
                          : paired                                 ? FoundFate::kRight
                          : contains(score.found_excluded, usable) ? FoundFate::kExcluded
                                                                   : FoundFate::kFalseAlarm);
    usable += counts;
  }
  return fates;
}

void SetScorer::add(const ImageScore& image) {
  matched_ += int(image.pairs.size());
  truth_cared_ += image.truth_cared;
  found_cared_ += image.found_cared;
  truth_unusable_ += int(image.truth_unusable.size());
}

SetScore SetScorer::score() const {
  SetScore score{matched_, truth_cared_,   found_cared_, ratio(matched_, found_cared_), ratio(matched_, truth_cared_),
                 0,        truth_unusable_};
  score.hmean = harmonicMean(score.precision, score.recall);
  return score;
}

}  // namespace ocrdet
