#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <utility>

#include "base/atomic_file.h"
#include "base/json.h"
#include "ocrdet/error.h"
#include "tensor/float16.h"
#include "tensor/safetensors.h"
#include "tensor/safetensors_types.h"

namespace ocrdet {
namespace {

constexpr std::size_t kHeaderAlignment = 8;  // so that every tensor begins at a multiple of its element size

bool isFloat(DType dtype) {
  return dtype == DType::kFloat64 || dtype == DType::kFloat32 || dtype == DType::kFloat16 || dtype == DType::kBfloat16;
}

struct Written {
  const NamedTensor* source;
  DType dtype;
  std::uint64_t byteCount() const { return static_cast<std::uint64_t>(source->tensor.size()) * byteSize(dtype); }
};

std::string headerText(const std::vector<Written>& tensors, const std::map<std::string, std::string>& metadata) {
  Json header = Json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const Written& written : tensors) {
    const auto type = std::ranges::find(kSafetensorsTypes, written.dtype, &SafetensorsType::dtype);
    const std::uint64_t end = offset + written.byteCount();
    header[written.source->name] = {
        {"dtype", std::string(type->name)}, {"shape", written.source->tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = jsonText(header, false);
  text.append((kHeaderAlignment - text.size() % kHeaderAlignment) % kHeaderAlignment, ' ');
  return text;
}

std::vector<std::uint16_t> toFloat16(const NamedTensor& source) {
  const std::vector<float> values = toFloat32(source.tensor);
  std::vector<std::uint16_t> halves(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    halves[i] = float32ToFloat16(values[i]);
    if (std::isfinite(values[i]) && (halves[i] & 0x7fffu) == 0x7c00u) {
      throw Error(
          {&codes::kCheckpointFloat16Range,
           fmt::format("{} holds {}, which float16 cannot hold (65504 is its largest).", source.name, values[i]),
           "Write float32 instead.",
           {{"tensor", source.name}, {"value", static_cast<double>(values[i])}}});
    }
  }
  return halves;
}

// Integers in row-major order, as they are.
std::vector<std::byte> rawElements(const Tensor& tensor) {
  const std::size_t size = byteSize(tensor.dtype);
  std::vector<std::byte> bytes(static_cast<std::size_t>(tensor.size()) * size);
  const std::vector<std::int64_t> positions = contiguousStrides(tensor.shape);
  for (std::size_t i = 0; i < static_cast<std::size_t>(tensor.size()); ++i) {
    std::int64_t rest = static_cast<std::int64_t>(i), source = tensor.offset;
    for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis) {
      source += rest / positions[axis] * tensor.strides[axis];
      rest %= positions[axis];
    }
    std::memcpy(bytes.data() + i * size, tensor.storage.bytes.data() + static_cast<std::size_t>(source) * size, size);
  }
  return bytes;
}

void writeTensor(AtomicFile& file, const Written& written) {
  const Tensor& tensor = written.source->tensor;
  if (written.dtype == tensor.dtype && isContiguous(tensor)) {
    file.write(contiguousBytes(tensor));
  } else if (written.dtype == DType::kFloat32) {
    const std::vector<float> values = toFloat32(tensor);
    file.write(std::as_bytes(std::span(values)));
  } else if (written.dtype == DType::kFloat16) {
    const std::vector<std::uint16_t> halves = toFloat16(*written.source);
    file.write(std::as_bytes(std::span(halves)));
  } else {
    file.write(rawElements(tensor));
  }
}

}  // namespace

void writeSafetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors, const WrittenType& type,
                      const std::map<std::string, std::string>& metadata) {
  std::vector<Written> order;
  for (const NamedTensor& entry : tensors)
    order.push_back({&entry, isFloat(entry.tensor.dtype) ? type(entry) : entry.tensor.dtype});
  // Wide elements first: behind them, narrower ones are aligned as well.
  std::ranges::stable_sort(order, std::greater<>(), [](const Written& written) { return byteSize(written.dtype); });
  const std::string header = headerText(order, metadata);
  AtomicFile file(path);
  const std::uint64_t length = header.size();
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(header);
  for (const Written& written : order) writeTensor(file, written);
  file.commit();
}

void writeSafetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors, DType dtype,
                      const std::map<std::string, std::string>& metadata) {
  writeSafetensors(
      path, tensors, [dtype](const NamedTensor&) { return dtype; }, metadata);
}

}  // namespace ocrdet
