// Memory that a step gives back, kept for the next one, which asks for the same again.
#pragma once

#include <cstdint>

namespace ocrdet {

// From now on this process keeps what it frees if the machine has twice the `predicted` bytes (checkBatchMemory), since
// the peak grows by about a quarter. True if so; without glibc, or a prediction (0), nothing happens.
bool keepFreedMemory(std::int64_t predicted);

}  // namespace ocrdet
