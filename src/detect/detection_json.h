// A detection as JSON, the same in `--json`, in result files and in the REST interface (docs/detect.md describes it).
//
// It holds what the community page's files hold (image_path, boxes, scores, success, inference_time), and besides one
// array of objects, because parallel arrays go out of step in people's hands.
#pragma once

#include <string>

#include "base/json.h"
#include "ocrdet/detector.h"

namespace ocrdet {

// Coordinates are rounded to hundredths of a pixel, scores to six digits. inference_time is in seconds, everything
// included.
Json toJson(const Detection& detection, const std::string& image_path);

// {"image_path", "success": false, "error": {…}}, with empty boxes and scores.
Json failureJson(const Error& error, const std::string& image_path);

}  // namespace ocrdet
