// Probability map to boxes: threshold, contours, a rectangle or polygon around each, its score, and growth back from
// the shrunken kernel that the network was trained to paint.
//
// Two methods. kOriginal repeats what ModelScope, MhLiao/DB and PaddleOCR compute, to the last integer, with their
// quirks; the functions below give their settings. kRefined is the default and differs where the originals are plainly
// wrong:
//   - corners are neither cut to whole map pixels nor rounded to whole picture pixels;
//   - holes are no candidates, and of too many candidates the largest are kept, not the first in scan order;
//   - a grown polygon that falls into several rings keeps its largest, instead of being dropped;
//   - texts that a bridge joins into one candidate, too bent for a rectangle, are taken apart;
//   - the growth of a rectangle is computed, not traced on an integer grid;
//   - map and picture are joined by the resize's own rule (pixel centres), see Frame;
//   - boxes come in reading order.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ocrdet/geometry.h"

namespace ocrdet {

enum class PostprocessMethod { kRefined, kOriginal };
enum class ScoreRegion {
  kShape,    // the rectangle or simplified polygon ("fast")
  kContour,  // the contour itself ("slow"): right for bent text in a rectangle
};

enum class GrowthRule {
  kUnclip,        // area · ratio / perimeter of what was found
  kInvertShrink,  // the same of what comes out: the inverse of the shrink D = area · (1 − 0.4²) / perimeter in training
};

struct PostprocessOptions {
  PostprocessMethod method = PostprocessMethod::kRefined;
  bool polygons = false;                    // outlines of any number of points instead of rectangles
  float pixel_threshold = 0.2F;             // a pixel is text when its probability is greater, compared in float32
  double box_threshold = 0.3;               // a box is kept when its mean probability is at least this
  double unclip_ratio = 1.5;                // growth = area · ratio / perimeter; below 1 for kInvertShrink
  GrowthRule growth = GrowthRule::kUnclip;  // kRefined
  int max_candidates = 5000;
  double min_side = 3;     // of a candidate's rectangle in map pixels; two more after growing
  double epsilon = 0.002;  // polygons: tolerance of the outline, as a share of the contour's length
  ScoreRegion score = ScoreRegion::kShape;
  bool dilate = false;        // 2×2 dilation of the text pixels (PaddleOCR's option)
  bool cut_corners = false;   // kOriginal: corners cut to whole map pixels before they go to the picture (ModelScope)
  bool reading_order = true;  // kRefined; otherwise contours from the bottom come first, as OpenCV finds them
};

PostprocessOptions modelScopeQuads();
PostprocessOptions modelScopePolygons();
PostprocessOptions mhLiaoQuads();
PostprocessOptions mhLiaoPolygons();
PostprocessOptions paddleOcrQuads();

// Rows of float32 probabilities.
struct ProbabilityMap {
  std::span<const float> values;
  int height = 0;
  int width = 0;
};

// Where the map lies in the picture. The whole picture was resized to `resized_*` (in map pixels) and put at the upper
// left corner of the map; what lies beyond is padding.
struct Frame {
  int image_height = 0;
  int image_width = 0;
  double resized_height = 0;
  double resized_width = 0;
};

struct FoundText {
  Polygon points;  // in picture pixels; four points, clockwise from the upper left, unless polygons were asked for
  double score = 0;
};

// Why candidates are no boxes, for an answer without any.
struct PostprocessCounts {
  int candidates = 0;
  int too_small = 0;
  int below_box_threshold = 0;
  double best_rejected_score = 0;  // of those below the box threshold
};

struct PostprocessResult {
  std::vector<FoundText> found;
  PostprocessCounts counts;
};

// Works for any values, NaN and infinities included (they are no text). Safe from several threads.
PostprocessResult findText(const ProbabilityMap& map, const Frame& frame, const PostprocessOptions& options = {});

}  // namespace ocrdet
