// The detection protocol of ICDAR 2015 (incidental text): one-to-one matching at IoU > 0.5, detections on don't-care
// text left out. Faithful to the official script's order of things: first fit in file order, not best fit, so that the
// order of boxes can change a figure. Fractions are kept, and shapes that cross themselves or have no area are left
// out.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "dataset/truth.h"
#include "ocrdet/geometry.h"

namespace ocrdet {

struct TruthShape {
  Polygon points;
  bool ignored = false;  // text that nobody can read: neither to be found nor to be punished for
};

std::vector<TruthShape> shapesOf(std::span<const TruthLine> truth);

struct MatchRules {
  double iou = 0.5;             // a pair needs more than this
  double area_precision = 0.5;  // a detection with more than this share of its area on one ignored text is left out
};

// Of one picture. Shapes that cross themselves or have no area are unusable; other indices count the usable ones only,
// as the official script does.
struct ImageScore {
  std::vector<int> truth_unusable, found_unusable;  // among all that were given
  int truth = 0, found = 0;                         // usable shapes
  std::vector<int> truth_ignored;
  std::vector<int> found_excluded;
  std::vector<std::pair<int, int>> pairs;  // truth, found
  int truth_cared = 0, found_cared = 0;
  double precision = 0, recall = 0, hmean = 0;
};

ImageScore scoreImage(std::span<const TruthShape> truth, std::span<const Polygon> found, const MatchRules& rules = {});

// What became of each shape, for people: in the order of the shapes that were given, unusable ones included.
enum class TruthFate { kFound, kMissed, kIgnored, kUnusable };
enum class FoundFate { kRight, kFalseAlarm, kExcluded, kUnusable };

struct Fates {
  std::vector<TruthFate> truth;
  std::vector<FoundFate> found;
};

// `score` is scoreImage's answer for the same shapes.
Fates fatesOf(std::span<const TruthShape> truth, std::span<const Polygon> found, const ImageScore& score);

// Of a whole set: figures over the sums, not means of the pictures' figures.
struct SetScore {
  int matched = 0, truth_cared = 0, found_cared = 0;
  double precision = 0, recall = 0, hmean = 0;
  int truth_unusable = 0;  // texts that count for nothing
};

class SetScorer {
 public:
  void add(const ImageScore& image);
  SetScore score() const;

 private:
  int matched_ = 0, truth_cared_ = 0, found_cared_ = 0, truth_unusable_ = 0;
};

}  // namespace ocrdet
