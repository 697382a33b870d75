// How one budget of threads is divided between the network and the pictures around it.
#pragma once

#include "ocrdet/detector.h"

namespace ocrdet {

struct ThreadPlan {
  int session = 1;  // that ONNX Runtime computes one run with: the caller and session − 1 others, which all runs share
  int pictures = 1;  // that may compute at a time: decode, resize, run, find boxes
  int callers = 1;   // that `detect` of several pictures starts; more than `pictures` when some wait for a batch
};

// session − 1 + pictures is the budget, `options.threads` or every processor that may be used.
ThreadPlan planThreads(const DetectorOptions& options);

// Pictures in one run of the network, at most. On the processor one, unless more are asked for: there a batch takes as
// long as its pictures one after another (docs/bench.md).
int largestBatch(const DetectorOptions& options);

}  // namespace ocrdet
