// From the values of a pickle to named tensors, for both formats of torch.save.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tensor/pickle.h"
#include "tensor/tensor.h"

namespace ocrdet {

// Data that lies outside of the pickle, as the pickle refers to it.
struct StorageReference {
  std::string key;             // the record's name in a zip, an arbitrary number in the old format
  std::optional<DType> dtype;  // absent: untyped bytes
  std::uint64_t byte_size = 0;
  // Old format only: the part of the storage `key` that is meant, in bytes; usually all of it.
  std::uint64_t view_offset = 0;
  std::optional<std::uint64_t> view_size;
};

// Every reference in the pickle, in its order, repeated ones included. Throws checkpoint.corrupt.
std::vector<StorageReference> storageReferences(const Pickle& pickle);

// Gives the bytes of a reference: exactly byte_size of them. Called once per key and element size.
using StorageLoader = std::function<Storage(const StorageReference&)>;

// All tensors within dictionaries, lists and tuples, depth first. Checks that each lies within its storage; throws
// checkpoint.corrupt or checkpoint.too-large.
std::vector<NamedTensor> collectTensors(const Pickle& pickle, const StorageLoader& load);

}  // namespace ocrdet
