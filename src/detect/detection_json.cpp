#include "detect/detection_json.h"

#include <cmath>

namespace ocrdet {
namespace {

double rounded(double value, double parts) {
  return std::round(value * parts) / parts;
}

double coordinate(double value) {
  return rounded(value, 100);
}

// How every result begins.
Json heading(const PictureName& picture, bool success) {
  Json json{{"image_path", picture.image_path}};
  if (picture.pages > 1) {
    json["page"] = picture.page;
    json["pages"] = picture.pages;
  }
  json["success"] = success;
  return json;
}

}  // namespace

Json toJson(const Detection& detection, const PictureName& picture) {
  Json boxes = Json::array(), scores = Json::array(), detections = Json::array();
  for (const TextBox& box : detection.boxes) {
    Json flat = Json::array(), points = Json::array();
    for (const Point& point : box.points) {
      const double x = coordinate(point.x), y = coordinate(point.y);
      flat.push_back(x);
      flat.push_back(y);
      points.push_back({x, y});
    }
    const double score = rounded(box.score, 1e6);
    boxes.push_back(std::move(flat));
    scores.push_back(score);
    detections.push_back({{"number", detections.size() + 1}, {"points", std::move(points)}, {"score", score}});
  }
  const DetectionTimings& timings = detection.timings;
  Json json = heading(picture, true);
  json.update({{"inference_time", rounded(timings.total_ms() / 1000, 1e6)},
               {"boxes", std::move(boxes)},
               {"scores", std::move(scores)},
               {"detections", std::move(detections)},
               {"image_height", detection.image_height},
               {"image_width", detection.image_width},
               {"network_height", detection.network_height},
               {"network_width", detection.network_width},
               {"tiles", detection.tiles},
               {"pixel_threshold", rounded(detection.pixel_threshold, 1e6)},
               {"box_threshold", detection.box_threshold},
               {"unclip_ratio", detection.unclip_ratio},
               {"timings_ms",
                {{"decode", rounded(timings.decode_ms, 1000)},
                 {"preprocess", rounded(timings.preprocess_ms, 1000)},
                 {"inference", rounded(timings.inference_ms, 1000)},
                 {"postprocess", rounded(timings.postprocess_ms, 1000)}}}});
  if (!detection.why_empty.empty()) json["why_empty"] = detection.why_empty;
  return json;
}

Json failureJson(const Error& error, const PictureName& picture) {
  Json json = heading(picture, false);
  json.update({{"boxes", Json::array()},
               {"scores", Json::array()},
               {"detections", Json::array()},
               {"error", toJson(error.problems().front())}});
  return json;
}

}  // namespace ocrdet
