// Repairs of the ground truth of one image: the counterpart of check_truth.h.
#pragma once

#include <vector>

#include "dataset/check_truth.h"

namespace ocrdet {

struct MendContext {
  PictureFrame frame;
  int orientation = 1;  // of the camera
  TruthForm form = TruthForm::kQuads;
};

// What the doctor would accept, and truthText can write. Corners are put in order; coordinates that were shares of the
// image, exchanged or in the stored frame become pixels of the upright image; marks of unreadable text become ###, as
// do texts that are tiny or mostly outside; shapes without area, outside or there already disappear. Throws
// run.interrupted.
std::vector<TruthLine> mendTruth(const std::vector<NumberedTruth>& truth, const MendContext& context);

}  // namespace ocrdet
