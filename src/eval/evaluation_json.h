// An evaluation as JSON: figures of the set, of each picture with its pairs, and the sweep.
#pragma once

#include "base/json.h"
#include "eval/evaluation.h"

namespace ocrdet {

Json toJson(const SetScore& score);
Json toJson(const SweepRow& row);
Json toJson(const EvaluatedImage& image);
Json toJson(const ImageFailure& failure);
Json toJson(const Evaluation& evaluation);

}  // namespace ocrdet
