// A run at a glance, as a picture: losses over the steps, hmean over the epochs.
#pragma once

#include <vector>

#include "image/image.h"
#include "train/training_options.h"

namespace ocrdet {

struct StepRecord;
struct EpochRecord;

// Losses are drawn as they add up to the total.
Image drawCurves(const std::vector<StepRecord>& steps, const std::vector<EpochRecord>& epochs,
                 const LossWeights& weights);

}  // namespace ocrdet
