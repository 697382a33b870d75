// A report of an evaluation to browse: DIR/index.html, DIR/report.json and DIR/pictures/. The page needs nothing from
// elsewhere and works from the disk.
//
// Pictures are written as they come, so that memory does not grow with them; the page comes last. An evaluation that
// does not end leaves no page, and no pictures either.
#pragma once

#include <filesystem>
#include <string>

#include "eval/evaluation.h"

namespace ocrdet {

struct ReportHeading {
  std::string dataset, split;
  std::string model, model_sha256;
  double iou = 0;
};

class ReportWriter {
 public:
  // A report that lies there already is replaced. Throws file.exists when the folder holds anything else, and
  // file.unwritable.
  explicit ReportWriter(std::filesystem::path folder);
  ~ReportWriter();
  ReportWriter(const ReportWriter&) = delete;
  ReportWriter& operator=(const ReportWriter&) = delete;

  // May be called from many threads at once. Throws file.unwritable.
  void addPicture(const EvaluatedImage& evaluated, const Image& picture) const;

  // Returns the page. Throws file.unwritable.
  std::filesystem::path finish(const Evaluation& evaluation, const ReportHeading& heading);

 private:
  std::filesystem::path folder_;
  bool finished_ = false;
};

}  // namespace ocrdet
