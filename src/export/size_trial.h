// Which input sizes a foreign file takes, found by running it at every height from 64 to 128.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/session.h"

namespace ocrdet {

struct SizeTrial {
  bool fixed = false;         // height and width are declared; nothing was tried
  std::int64_t multiple = 0;  // height must be a multiple of this; 0: no multiple up to 64 works
  int ran = 0, failed = 0;
  int silently_wrong = 0;          // ran, but the output is not input / stride
  std::int64_t output_stride = 0;  // input pixels to one pixel of the output
  bool batch_free = false;         // a batch of two gives two maps
  std::string first_failure;       // the runtime's words at the first height that failed
};

// The session's only input must have four dimensions and be float32 or uint8. Throws onnx.not-a-detector.
SizeTrial trySizes(const Session& session);

}  // namespace ocrdet
