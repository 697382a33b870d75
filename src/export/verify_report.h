#pragma once

#include "base/json.h"
#include "ocrdet/verify.h"

namespace ocrdet {

// {"passed", "runtime", "checks": [{"name", "passed", "detail"}], "shapes", "probability_difference": {"max", "mean"},
// …}
Json toJson(const VerifyReport& report);

}  // namespace ocrdet
