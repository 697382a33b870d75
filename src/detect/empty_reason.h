// Why an answer has no boxes, in a sentence: the best probability, thresholds that would have given boxes, the size
// used.
#pragma once

#include <string>

#include "postprocess/postprocess.h"

namespace ocrdet {

std::string emptyReason(const ProbabilityMap& map, const Frame& frame, const PostprocessOptions& used,
                        const PostprocessCounts& counts);

}  // namespace ocrdet
