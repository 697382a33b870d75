// ONNX Runtime's C++ wrapper, bound at run time. For the .cpp files of this folder alone: no other part of ocrdet sees
// ONNX Runtime's types.
//
// The library is never linked, because its symbols carry its version: a program linked against 1.30 does not start with
// 1.29. Every function is reached through the table that dlsym("OrtGetApiBase") hands out.
#pragma once

#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>

#include "runtime/runtime.h"

namespace ocrdet {

// Loads the library (see loadRuntime) and returns the environment that all sessions of the process share. It logs
// nothing.
const Ort::Env& runtimeEnvironment(const std::filesystem::path& wanted);

}  // namespace ocrdet
