// Any bytes as a checkpoint: read, then matched to the network, which converts every value.
#include "fuzzing.h"
#include "model/state_dict.h"
#include "tensor/checkpoint.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ocrdet::refusalIsFine([&] { ocrdet::matchStateDict(ocrdet::readCheckpoint(ocrdet::asBytes(data, size), nullptr)); });
  return 0;
}
