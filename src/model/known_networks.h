// Networks that people take for ours: each gets its own sentence instead of a list of missing tensors.
#pragma once

#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace ocrdet {

// How many names of the network are in a checkpoint.
struct NameCounts {
  int backbone = 0, backbone_needed = 0;
  int decoder = 0, decoder_needed = 0;  // neck and binarize head
};

// Throws checkpoint.resnet50 or .deformable when the backbone is one of those, whose other tensors may all fit.
void refuseOtherBackbone(const std::vector<NamedTensor>& entries);

// Throws checkpoint.resnet50, .deformable, .no-decoder or .other-network when the tensors belong to such a network.
// `entries` are those of the dictionary where most names fit, with their plain keys.
void refuseKnownNetwork(const std::vector<NamedTensor>& entries, const NameCounts& counts);

}  // namespace ocrdet
