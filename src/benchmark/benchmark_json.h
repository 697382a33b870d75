#pragma once

#include "base/json.h"
#include "ocrdet/benchmark.h"

namespace ocrdet {

// For `ocrdet bench --json`; docs/bench.md explains the names.
Json toJson(const BenchmarkReport& report);

}  // namespace ocrdet
