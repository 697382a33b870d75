#include "graph/initialiser.h"

#include <fmt/format.h>

#include <utility>

#include "ocrdet/error.h"

namespace ocrdet {
namespace {

template <typename T>
Initialiser fromValues(std::string name, DType dtype, TensorShape shape, std::span<const T> values) {
  return {std::move(name), dtype, std::move(shape),
          std::string(reinterpret_cast<const char*>(values.data()), values.size_bytes())};
}

}  // namespace

Initialiser makeInitialiser(std::string name, TensorShape shape, std::span<const float> values) {
  return fromValues(std::move(name), DType::kFloat32, std::move(shape), values);
}

Initialiser makeInitialiser(std::string name, TensorShape shape, std::span<const std::int64_t> values) {
  return fromValues(std::move(name), DType::kInt64, std::move(shape), values);
}

Initialiser makeInitialiser(std::string name, const Tensor& tensor) {
  if (tensor.dtype != DType::kFloat32 || !isContiguous(tensor))
    return makeInitialiser(std::move(name), tensor.shape, toFloat32(tensor));
  const std::span<const std::byte> bytes = contiguousBytes(tensor);
  return {std::move(name), DType::kFloat32, tensor.shape,
          std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())};
}

std::vector<float> floatValues(const Initialiser& initialiser) {
  if (initialiser.dtype != DType::kFloat32)
    throw Error(
        Problem{&codes::kInternalBug,
                fmt::format("The initialiser '{}' is {}, not float32.", initialiser.name, name(initialiser.dtype)),
                "Please report this."});
  std::vector<float> values(initialiser.bytes.size() / sizeof(float));
  std::memcpy(values.data(), initialiser.bytes.data(), values.size() * sizeof(float));
  return values;
}

}  // namespace ocrdet
