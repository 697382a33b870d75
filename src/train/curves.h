// A run at a glance, as a picture: losses over the steps, hmean over the epochs.
#pragma once

#include <vector>

#include "image/image.h"

namespace ocrdet {

struct StepRecord;
struct EpochRecord;

Image drawCurves(const std::vector<StepRecord>& steps, const std::vector<EpochRecord>& epochs);

}  // namespace ocrdet
