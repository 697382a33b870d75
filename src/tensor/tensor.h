// Tensors as they lie in a checkpoint: a typed, strided view of bytes that somebody else owns (a mapped file, a
// buffer).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ocrdet {

enum class DType { kFloat64, kFloat32, kFloat16, kBfloat16, kInt64, kInt32, kInt16, kInt8, kUint8, kBool };

std::size_t byteSize(DType dtype);
std::string_view name(DType dtype);  // "float32", "bfloat16", … as PyTorch says it

using TensorShape = std::vector<std::int64_t>;

// Product of the dimensions; 1 for a scalar. Nothing when it overflows or a dimension is negative.
std::optional<std::int64_t> elementCount(std::span<const std::int64_t> shape);

// "64×3×7×7"; "scalar" when there are no dimensions.
std::string toText(std::span<const std::int64_t> shape);

// Strides, in elements, of a row-major tensor without gaps.
std::vector<std::int64_t> contiguousStrides(std::span<const std::int64_t> shape);

// Bytes with their owner. Little-endian, whatever the file's byte order was.
struct Storage {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
};

struct Tensor {
  DType dtype = DType::kFloat32;
  TensorShape shape;
  std::vector<std::int64_t> strides;  // in elements, never negative; 0 repeats
  std::int64_t offset = 0;            // of the first element in `storage`, in elements
  Storage storage;

  std::int64_t size() const;  // number of elements
};

// True when the elements lie one after the other in row-major order, so that contiguousBytes shows them all.
bool isContiguous(const Tensor& tensor);

// The bytes of a contiguous tensor, in its own dtype, without a copy. They need not be aligned: read them with memcpy.
std::span<const std::byte> contiguousBytes(const Tensor& tensor);

// The elements in logical (row-major) order, converted to float32 (float16 and bfloat16 exactly; integers and float64
// rounded).
std::vector<float> toFloat32(const Tensor& tensor);

// A contiguous float32 tensor that owns `values`; their number must fit the shape.
Tensor makeTensor(TensorShape shape, std::vector<float> values);

struct NamedTensor {
  std::string name;  // path through nested dictionaries and lists, levels joined by '/': "state_dict/conv1.weight"
  Tensor tensor;
};

}  // namespace ocrdet
