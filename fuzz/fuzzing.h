// What every fuzz target shares: libFuzzer's entry point, its bytes as ours, and the one exception that is an answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ocrdet/error.h"

// Called by libFuzzer with one input after the other.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace ocrdet {

inline std::span<const std::byte> asBytes(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}

// Refusing an input with an Error is right; any other exception leaves this function and is a finding.
template <typename Action>
void refusalIsFine(Action&& action) {
  try {
    action();
  } catch (const Error&) {
  }
}

}  // namespace ocrdet
