// Images of one size through the network together.
#pragma once

#include <span>
#include <vector>

#include "detect/network_contract.h"
#include "detect/tiles.h"
#include "image/image.h"
#include "runtime/session.h"

namespace ocrdet {

// The map of each image. All have the same size, which the file must take. Throws input.*, runtime.failed,
// memory.exhausted, model.not-a-detector, run.interrupted.
std::vector<OwnedMap> runNetwork(const Session& session, const NetworkContract& contract,
                                 std::span<const Image* const> images);

}  // namespace ocrdet
