// Geometry that both methods use, with the originals' arithmetic. Internal to src/postprocess.
#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <vector>

#include "postprocess/postprocess.h"

namespace ocrdet::shapes {

// 255 where the probability is greater than the threshold, as 8-bit matrix; dilated if asked for.
cv::Mat textPixels(const ProbabilityMap& map, const PostprocessOptions& options);

// Four corners of a rectangle, clockwise on the screen from the upper left, where the two leftmost corners are the left
// side. Equal heights on the left: the second in order of x counts as the upper one.
std::array<cv::Point2f, 4> orderedCorners(const cv::RotatedRect& rectangle);

// Mean probability inside the filled polygon. The points are moved to the polygon's window and cut toward zero.
double meanInside(const ProbabilityMap& map, const std::vector<cv::Point2f>& points);
double meanInside(const ProbabilityMap& map, const std::vector<cv::Point>& points);

// Area and perimeter in the order of operations of GEOS: the last bit decides whether a growth of 1.5 ends at 4 or 5.
double area(const std::vector<cv::Point2d>& ring);
double perimeter(const std::vector<cv::Point2d>& ring);

// Rings of the polygon grown by `distance` with round corners, computed on whole numbers: coordinates are multiplied by
// `scale` and cut toward zero before, and the result is in the same scaled units.
std::vector<std::vector<cv::Point>> grow(const std::vector<cv::Point2d>& ring, double distance, double scale);

}  // namespace ocrdet::shapes
