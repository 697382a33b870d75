#include "tensor/tensor.h"

#include <fmt/format.h>

#include <cassert>
#include <cstring>
#include <limits>
#include <utility>

#include "tensor/float16.h"

namespace ocrdet {
namespace {

struct DTypeFacts {
  DType dtype;
  std::size_t byte_size;
  std::string_view name;
};

// In the order of the enumeration.
constexpr DTypeFacts kDTypes[] = {
    {DType::kFloat64, 8, "float64"},   {DType::kFloat32, 4, "float32"}, {DType::kFloat16, 2, "float16"},
    {DType::kBfloat16, 2, "bfloat16"}, {DType::kInt64, 8, "int64"},     {DType::kInt32, 4, "int32"},
    {DType::kInt16, 2, "int16"},       {DType::kInt8, 1, "int8"},       {DType::kUint8, 1, "uint8"},
    {DType::kBool, 1, "bool"},
};

const DTypeFacts& facts(DType dtype) {
  const DTypeFacts& found = kDTypes[static_cast<std::size_t>(dtype)];
  assert(found.dtype == dtype);
  return found;
}

template <typename Stored>
Stored load(const std::byte* address) {
  Stored value;
  std::memcpy(&value, address, sizeof value);
  return value;
}

// Appends every element in row-major order, converted by `convert` from its stored representation. The outer dimensions
// count like an odometer; the innermost one is a plain loop.
template <typename Stored, typename Convert>
void gather(const Tensor& tensor, std::vector<float>& values, Convert convert) {
  const std::size_t rank = tensor.shape.size();
  const std::int64_t inner = rank == 0 ? 1 : tensor.shape[rank - 1];
  const std::int64_t step = rank == 0 ? 1 : tensor.strides[rank - 1];
  std::vector<std::int64_t> index(rank, 0);
  std::int64_t start = tensor.offset;
  while (true) {
    for (std::int64_t i = 0; i < inner; ++i) {
      const std::byte* address =
          tensor.storage.bytes.data() + static_cast<std::size_t>(start + i * step) * sizeof(Stored);
      values.push_back(convert(load<Stored>(address)));
    }
    std::size_t axis = rank == 0 ? 0 : rank - 1;
    while (axis > 0) {
      --axis;
      start += tensor.strides[axis];
      if (++index[axis] < tensor.shape[axis]) break;
      start -= tensor.strides[axis] * tensor.shape[axis];
      index[axis] = 0;
      if (axis == 0) return;
    }
    if (rank < 2) return;
  }
}

template <typename Stored>
void gatherNumbers(const Tensor& tensor, std::vector<float>& values) {
  gather<Stored>(tensor, values, [](Stored value) { return static_cast<float>(value); });
}

}  // namespace

std::size_t byteSize(DType dtype) {
  return facts(dtype).byte_size;
}

std::string_view name(DType dtype) {
  return facts(dtype).name;
}

std::optional<std::int64_t> elementCount(std::span<const std::int64_t> shape) {
  std::int64_t count = 1;
  bool overflow = false, empty = false;
  for (const std::int64_t length : shape) {
    if (length < 0) return std::nullopt;
    empty = empty || length == 0;
    overflow = __builtin_mul_overflow(count, length, &count) || overflow;
  }
  if (empty) return 0;
  if (overflow) return std::nullopt;
  return count;
}

std::string toText(std::span<const std::int64_t> shape) {
  return shape.empty() ? "scalar" : fmt::format("{}", fmt::join(shape, "×"));
}

namespace {

// Shapes of foreign files may claim anything: beyond 2^63 a stride stays at the largest number, which fits no storage.
std::int64_t saturatingProduct(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::int64_t>::max() : product;
}

}  // namespace

std::vector<std::int64_t> contiguousStrides(std::span<const std::int64_t> shape) {
  std::vector<std::int64_t> strides(shape.size());
  std::int64_t stride = 1;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    strides[axis] = stride;
    stride =
        saturatingProduct(stride, std::max<std::int64_t>(shape[axis], 1));  // PyTorch's strides of an empty tensor, too
  }
  return strides;
}

std::int64_t Tensor::size() const {
  const std::optional<std::int64_t> count = elementCount(shape);
  assert(count);
  return *count;
}

bool isContiguous(const Tensor& tensor) {
  std::int64_t stride = 1;
  for (std::size_t axis = tensor.shape.size(); axis-- > 0;) {
    if (tensor.shape[axis] == 0) return true;
    // A dimension of length 1 is never stepped along: its stride may be anything.
    if (tensor.shape[axis] != 1 && tensor.strides[axis] != stride) return false;
    stride = saturatingProduct(stride, tensor.shape[axis]);
  }
  return true;
}

std::span<const std::byte> contiguousBytes(const Tensor& tensor) {
  assert(isContiguous(tensor));
  const std::size_t element = byteSize(tensor.dtype);
  if (tensor.size() == 0) return {};
  return tensor.storage.bytes.subspan(static_cast<std::size_t>(tensor.offset) * element,
                                      static_cast<std::size_t>(tensor.size()) * element);
}

std::vector<float> toFloat32(const Tensor& tensor) {
  std::vector<float> values;
  if (tensor.size() == 0) return values;
  if (tensor.dtype == DType::kFloat32 && isContiguous(tensor)) {
    values.resize(static_cast<std::size_t>(tensor.size()));
    std::memcpy(values.data(), contiguousBytes(tensor).data(), values.size() * sizeof(float));
    return values;
  }
  values.reserve(static_cast<std::size_t>(tensor.size()));
  switch (tensor.dtype) {
    case DType::kFloat64:
      gatherNumbers<double>(tensor, values);
      break;
    case DType::kFloat32:
      gatherNumbers<float>(tensor, values);
      break;
    case DType::kFloat16:
      gather<std::uint16_t>(tensor, values, float16ToFloat32);
      break;
    case DType::kBfloat16:
      gather<std::uint16_t>(tensor, values, bfloat16ToFloat32);
      break;
    case DType::kInt64:
      gatherNumbers<std::int64_t>(tensor, values);
      break;
    case DType::kInt32:
      gatherNumbers<std::int32_t>(tensor, values);
      break;
    case DType::kInt16:
      gatherNumbers<std::int16_t>(tensor, values);
      break;
    case DType::kInt8:
      gatherNumbers<std::int8_t>(tensor, values);
      break;
    case DType::kUint8:
      gatherNumbers<std::uint8_t>(tensor, values);
      break;
    case DType::kBool:
      gather<std::uint8_t>(tensor, values, [](std::uint8_t value) { return value == 0 ? 0.0f : 1.0f; });
      break;
  }
  return values;
}

Tensor makeTensor(TensorShape shape, std::vector<float> values) {
  assert(elementCount(shape) == static_cast<std::int64_t>(values.size()));
  const auto owner = std::make_shared<const std::vector<float>>(std::move(values));
  Tensor tensor;
  tensor.dtype = DType::kFloat32;
  tensor.strides = contiguousStrides(shape);
  tensor.shape = std::move(shape);
  tensor.storage = {std::as_bytes(std::span(*owner)), owner};
  return tensor;
}

}  // namespace ocrdet
