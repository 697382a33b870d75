// The two methods behind findText. Internal to src/postprocess.
#pragma once

#include "postprocess/postprocess.h"

namespace ocrdet {

PostprocessResult findTextRefined(const ProbabilityMap& map, const Frame& frame, const PostprocessOptions& options);
PostprocessResult findTextOriginal(const ProbabilityMap& map, const Frame& frame, const PostprocessOptions& options);

}  // namespace ocrdet
