// The peak of resident memory that one run of an ONNX file takes, measured in a process of its own.
//
// The high-water mark of a process (VmHWM) never goes down, so that every measurement needs a fresh process: this
// program starts itself again, loads the file, runs it once and reports the mark. That works in every program that
// links this library, because the second process is caught before its main() (peak_memory.cpp says how).
#pragma once

#include <cstdint>
#include <filesystem>

#include "graph/shape_inference.h"
#include "runtime/session.h"

namespace ocrdet {

struct MeasuredMemory {
  std::int64_t loaded_bytes = 0;  // high-water mark once the file is loaded
  std::int64_t peak_bytes = 0;    // the same after one run
  double load_seconds = 0;
  double run_seconds = 0;
};

// `lengths` gives every free axis of the inputs a length: {{"batch", 1}, {"height", 736}, {"width", 1280}}. Throws what
// Session throws, memory.exhausted when the process was killed, and run.interrupted.
MeasuredMemory measurePeakMemory(const std::filesystem::path& model, const SymbolLengths& lengths,
                                 const SessionOptions& options = {});

}  // namespace ocrdet
