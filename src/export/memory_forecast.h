// How much memory a run of a size would take, before there is a checkpoint: for `ocrdet check` and the page.
#pragma once

#include <cstdint>

#include "graph/memory.h"
#include "passes/pipeline.h"

namespace ocrdet {

// Of a file exported with `options`; `height`, `width` and `batch` give its free axes a length. Only shapes count, so
// the weights are all zero.
MemoryPrediction forecastMemory(const GraphOptions& options, std::int64_t height, std::int64_t width,
                                std::int64_t batch);

}  // namespace ocrdet
