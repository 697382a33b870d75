#include "onnx/tensor_bytes.h"

#include <fmt/format.h>

#include <cstring>
#include <memory>
#include <utility>

#include "graph/element_type.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

template <typename To, typename From>
std::string narrowed(const google::protobuf::RepeatedField<From>& values) {
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(values.size()) * sizeof(To));
  for (const From value : values) {
    const To stored = static_cast<To>(value);
    bytes.append(reinterpret_cast<const char*>(&stored), sizeof(stored));
  }
  return bytes;
}

// Small types share int32_data: float16 as its bit pattern, bool as 0 and 1.
std::string typedBytes(const onnx::TensorProto& tensor, DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return narrowed<float>(tensor.float_data());
    case DType::kFloat64:
      return narrowed<double>(tensor.double_data());
    case DType::kInt64:
      return narrowed<std::int64_t>(tensor.int64_data());
    case DType::kInt32:
      return narrowed<std::int32_t>(tensor.int32_data());
    case DType::kFloat16:
    case DType::kBfloat16:
    case DType::kInt16:
      return narrowed<std::int16_t>(tensor.int32_data());
    case DType::kInt8:
    case DType::kUint8:
    case DType::kBool:
      return narrowed<std::int8_t>(tensor.int32_data());
  }
  return {};
}

}  // namespace

Initialiser takeInitialiser(onnx::TensorProto& tensor) {
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL || tensor.external_data_size() > 0)
    throw Error({&codes::kOnnxExternalData, fmt::format("The values of '{}' lie in another file.", tensor.name()),
                 "Save the model as one file."});
  const auto dtype = dtypeOfOnnxElementType(tensor.data_type());
  if (!dtype || tensor.has_segment())
    throw Error({&codes::kOnnxUnsupported,
                 fmt::format("The tensor '{}' has the element type {}, which is not supported.", tensor.name(),
                             tensor.data_type()),
                 "The file may still run; it cannot be rewritten here."});

  Initialiser initialiser{tensor.name(), *dtype, {tensor.dims().begin(), tensor.dims().end()}, {}};
  if (tensor.has_raw_data())
    initialiser.bytes = std::move(*std::unique_ptr<std::string>(tensor.release_raw_data()));
  else
    initialiser.bytes = typedBytes(tensor, *dtype);

  const auto count = elementCount(initialiser.shape);
  const std::size_t width = byteSize(*dtype);
  if (!count || initialiser.bytes.size() % width != 0 ||
      initialiser.bytes.size() / width != static_cast<std::size_t>(*count))
    throw Error({&codes::kOnnxCorrupt,
                 fmt::format("The tensor '{}' has {} bytes, which do not fit its shape {}.", initialiser.name,
                             initialiser.bytes.size(), toText(initialiser.shape)),
                 "Copy or download the file again."});
  return initialiser;
}

}  // namespace ocrdet
