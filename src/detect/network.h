// Images of one size through the network together.
#pragma once

#include <span>
#include <vector>

#include "detect/network_contract.h"
#include "detect/tiles.h"
#include "image/image.h"
#include "runtime/session.h"

namespace ocrdet {

struct NetworkRun {
  std::vector<OwnedMap> maps;  // one an image
  double preparation_ms = 0;   // of the time: pixels to the numbers that the network reads
};

// All images have the same size, which the file must take. Throws input.*, runtime.failed,
// memory.exhausted, model.not-a-detector, run.interrupted.
NetworkRun runNetwork(const Session& session, const NetworkContract& contract, std::span<const Image* const> images);

}  // namespace ocrdet
