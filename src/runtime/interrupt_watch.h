// Asks runs of ONNX Runtime to stop as soon as the user interrupts the program.
#pragma once

#include "runtime/onnxruntime_api.h"

namespace ocrdet {

// As long as one of these lives, a first Ctrl-C terminates `run`. Run() does not return before its end, so that
// somebody else has to look: one thread for all runs of the process, asleep while there are none.
class InterruptWatch {
 public:
  explicit InterruptWatch(Ort::RunOptions& run);
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

 private:
  Ort::RunOptions& run_;
};

}  // namespace ocrdet
