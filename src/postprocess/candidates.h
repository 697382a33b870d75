// Regions of text pixels, as our method looks at them. Internal to src/postprocess.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "postprocess/postprocess.h"

namespace ocrdet::candidates {

using Contour = std::vector<cv::Point>;

// Outer contours only, of every component of an 8-bit matrix, also of those inside the hole of another; the largest if
// there are more than `most`.
std::vector<Contour> outerContours(const cv::Mat& text_pixels, int most);

bool isTooThin(const cv::RotatedRect& rectangle, const PostprocessOptions& options);

// Whether a candidate is judged by its own outline, so that a bent one scores as well as a straight one.
bool isScoredByContour(const PostprocessOptions& options);

// Mean over the pixels whose centres lie in the rectangle, borders included.
double meanInRectangle(const ProbabilityMap& map, const cv::RotatedRect& rectangle);

}  // namespace ocrdet::candidates
