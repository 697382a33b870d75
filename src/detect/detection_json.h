// A detection as JSON, the same in `--json`, in result files and in the REST interface
// (docs/schema/detection.schema.json).
//
// It holds what the community page's files hold (image_path, boxes, scores, success, inference_time), and besides one
// array of objects, because parallel arrays go out of step in people's hands.
#pragma once

#include <string>

#include "base/json.h"
#include "ocrdet/detector.h"

namespace ocrdet {

// Which picture a result speaks of. Only files of several pages tell theirs, as "page" and "pages".
struct PictureName {
  std::string image_path;
  int page = 1;  // from 1
  int pages = 1;
};

// Coordinates are rounded to hundredths of a pixel, scores to six digits. inference_time is in seconds, everything
// included.
Json toJson(const Detection& detection, const PictureName& picture);

// {"image_path", "success": false, "error": {…}}, with empty boxes and scores.
Json failureJson(const Error& error, const PictureName& picture);

}  // namespace ocrdet
