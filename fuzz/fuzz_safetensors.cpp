// Bytes that begin as a safetensors file: the input is the JSON header, up to a zero byte, and the tensors behind it.
//
// The length before the header is always right here. A fuzzer would rarely hit it, and wrong ones are what
// fuzz_checkpoint tries. What is read is converted, so that each element is touched.
#include <algorithm>
#include <cstring>
#include <vector>

#include "fuzzing.h"
#include "tensor/checkpoint.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::uint8_t* header_end = std::find(data, data + size, std::uint8_t{0});
  const std::uint64_t header = static_cast<std::uint64_t>(header_end - data);
  const std::size_t tensors = size - header - (header_end == data + size ? 0 : 1);
  std::vector<std::uint8_t> file(sizeof header + header + tensors);
  std::memcpy(file.data(), &header, sizeof header);
  std::copy(data, header_end, file.begin() + sizeof header);
  std::copy(data + size - tensors, data + size, file.end() - static_cast<std::ptrdiff_t>(tensors));
  ocrdet::refusalIsFine([&] {
    const ocrdet::Checkpoint checkpoint = ocrdet::readCheckpoint(ocrdet::asBytes(file.data(), file.size()), nullptr);
    for (const ocrdet::NamedTensor& entry : checkpoint.tensors) ocrdet::toFloat32(entry.tensor);
  });
  return 0;
}
