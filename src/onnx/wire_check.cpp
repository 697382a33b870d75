#include "onnx/wire_check.h"

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <optional>

#include "onnx/model_proto.h"

namespace ocrdet {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr std::int64_t kMostEntries = 1'000'000;  // the largest public models have about a tenth of that
constexpr int kMostLevels = 64;                   // a loop in a branch takes about a dozen

class Walk {
 public:
  // Every entry of a message; steps into those that hold messages themselves.
  WireVerdict message(std::span<const std::byte> bytes, const Descriptor& type, int level) {
    if (level > kMostLevels) return WireVerdict::kTooDeep;
    while (!bytes.empty()) {
      if (++entries_ > kMostEntries) return WireVerdict::kTooManyEntries;
      const auto tag = varint(bytes);
      if (!tag || *tag > UINT32_MAX) return WireVerdict::kDamaged;
      const auto content = payload(bytes, *tag & 7);
      if (!content) return WireVerdict::kDamaged;
      const FieldDescriptor* field = type.FindFieldByNumber(static_cast<int>(*tag >> 3));
      if ((*tag & 7) != kLengthDelimited || field == nullptr || field->message_type() == nullptr) continue;
      const WireVerdict inner = message(*content, *field->message_type(), level + 1);
      if (inner != WireVerdict::kFine) return inner;
    }
    return WireVerdict::kFine;
  }

 private:
  static constexpr std::uint64_t kLengthDelimited = 2;

  static std::optional<std::uint64_t> varint(std::span<const std::byte>& bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size() && i < 10; ++i) {
      const auto byte = std::to_integer<std::uint64_t>(bytes[i]);
      value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) {
        bytes = bytes.subspan(i + 1);
        return value;
      }
    }
    return std::nullopt;
  }

  // Takes the content behind a tag off `bytes`; nothing when it is cut short, or of a wire type that ONNX never uses.
  static std::optional<std::span<const std::byte>> payload(std::span<const std::byte>& bytes, std::uint64_t wire_type) {
    std::uint64_t length = 0;
    switch (wire_type) {
      case 0:
        if (!varint(bytes)) return std::nullopt;
        break;
      case 1:
        length = 8;
        break;
      case kLengthDelimited:
        if (const auto announced = varint(bytes)) {
          length = *announced;
          break;
        }
        return std::nullopt;
      case 5:
        length = 4;
        break;
      default:
        return std::nullopt;
    }
    if (length > bytes.size()) return std::nullopt;
    const auto content = bytes.first(length);
    bytes = bytes.subspan(length);
    return content;
  }

  std::int64_t entries_ = 0;
};

}  // namespace

WireVerdict checkModelWire(std::span<const std::byte> bytes) {
  return Walk().message(bytes, *onnx::ModelProto::descriptor(), 0);
}

}  // namespace ocrdet
