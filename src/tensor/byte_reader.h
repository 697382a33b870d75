// A cursor over untrusted bytes: every read is checked against the end.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "tensor/checkpoint_errors.h"

namespace ocrdet {

class ByteReader {
 public:
  // `what` names the bytes in messages: "the pickle".
  ByteReader(std::span<const std::byte> bytes, std::string_view what) : bytes_(bytes), what_(what) {}

  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }

  // The next `count` bytes, as a view. Throws checkpoint.truncated.
  std::span<const std::byte> take(std::uint64_t count) {
    if (count > remaining()) {
      failTruncated(fmt::format("{} ends early: {} bytes are needed at position {}, {} are left.", what_, count,
                                position_, remaining()));
    }
    const auto taken = bytes_.subspan(position_, static_cast<std::size_t>(count));
    position_ += taken.size();
    return taken;
  }

  std::string_view takeText(std::uint64_t count) {
    const auto taken = take(count);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }

  // Text up to the next line feed, which is consumed and left out.
  std::string_view takeLine() {
    const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + position_, remaining());
    const std::size_t length = rest.find('\n');
    if (length == std::string_view::npos) failTruncated(fmt::format("{} ends within a line of text.", what_));
    position_ += length + 1;
    return rest.substr(0, length);
  }

  // A little-endian number.
  template <typename Number>
  Number read() {
    static_assert(std::is_trivially_copyable_v<Number>);
    Number value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  std::string_view what_;
  std::size_t position_ = 0;
};

}  // namespace ocrdet
