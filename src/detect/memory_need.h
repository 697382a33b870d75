// Whether the runtime's arena fits into the memory that is free.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "detect/network_contract.h"
#include "ocrdet/detector.h"
#include "runtime/session.h"

namespace ocrdet {

struct MemoryNeed {
  std::int64_t needed = 0;  // bytes for the maps of `pictures` runs side by side, besides the weights
  std::int64_t available = 0;
  PixelSize tile;
  int pictures = 1;
};

// Nothing when the largest input that the resize rule gives fits into 80 % of `available`, or when that cannot be
// foretold: for files of others, whose network is not known, and without a figure of what is free.
std::optional<MemoryNeed> tooMuchMemory(const Session& session, const NetworkContract& contract,
                                        const DetectorOptions& options, std::optional<std::int64_t> available);

std::string describe(const MemoryNeed& need);

}  // namespace ocrdet
