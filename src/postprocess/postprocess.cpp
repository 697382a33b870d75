#include "postprocess/postprocess.h"

#include <cassert>

#include "postprocess/methods.h"

namespace ocrdet {
namespace {

PostprocessOptions original(float pixel_threshold, double box_threshold, double unclip_ratio, int max_candidates) {
  PostprocessOptions options;
  options.method = PostprocessMethod::kOriginal;
  options.pixel_threshold = pixel_threshold;
  options.box_threshold = box_threshold;
  options.unclip_ratio = unclip_ratio;
  options.max_candidates = max_candidates;
  return options;
}

}  // namespace

PostprocessOptions modelScopeQuads() {
  PostprocessOptions options = original(0.2F, 0.3, 1.5, 1000);
  options.cut_corners = true;
  return options;
}

PostprocessOptions modelScopePolygons() {
  PostprocessOptions options = original(0.2F, 0.7, 2.0, 100);
  options.polygons = true;
  options.epsilon = 0.01;
  return options;
}

PostprocessOptions mhLiaoQuads() {
  return original(0.3F, 0.7, 1.5, 1000);
}

PostprocessOptions mhLiaoPolygons() {
  PostprocessOptions options = original(0.3F, 0.7, 2.0, 1000);
  options.polygons = true;
  options.epsilon = 0.002;
  return options;
}

PostprocessOptions paddleOcrQuads() {
  return original(0.3F, 0.7, 2.0, 1000);
}

PostprocessResult findText(const ProbabilityMap& map, const Frame& frame, const PostprocessOptions& options) {
  assert(map.values.size() == std::size_t(map.height) * map.width);
  if (map.values.empty()) return {};
  return options.method == PostprocessMethod::kOriginal ? findTextOriginal(map, frame, options)
                                                        : findTextRefined(map, frame, options);
}

}  // namespace ocrdet
