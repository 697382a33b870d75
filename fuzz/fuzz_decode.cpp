// Any bytes as a picture file, of at most a million pixels so that one input takes milliseconds.
#include "fuzzing.h"
#include "image/decode.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ocrdet::refusalIsFine([&] { ocrdet::decodeImage(ocrdet::asBytes(data, size), {.max_pixels = 1'000'000}); });
  return 0;
}
