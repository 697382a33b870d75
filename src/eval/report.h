// A report of an evaluation to browse: DIR/index.html, DIR/report.json and DIR/pictures/. The page needs nothing from
// elsewhere and works from the disk.
//
// Pictures are written as they come, so that memory does not grow with them. The report appears whole, in the place of
// an earlier one; an evaluation that does not end leaves that as it was.
#pragma once

#include <filesystem>
#include <string>

#include "base/atomic_folder.h"
#include "eval/evaluation.h"

namespace ocrdet {

struct ReportHeading {
  std::string dataset, split;
  std::string model, model_sha256;
  double iou = 0;
};

class ReportWriter {
 public:
  // Throws file.exists when the folder holds anything but a report, and file.unwritable.
  explicit ReportWriter(const std::filesystem::path& folder);

  // May be called from many threads at once. Throws file.unwritable.
  void addPicture(const EvaluatedImage& evaluated, const Image& picture) const;

  // Returns the page. Throws file.unwritable.
  std::filesystem::path finish(const Evaluation& evaluation, const ReportHeading& heading);

 private:
  std::filesystem::path target_;
  AtomicFolder folder_;
};

}  // namespace ocrdet
