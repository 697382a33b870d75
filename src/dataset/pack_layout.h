// Numbers of the packed file that its writer and its reader share (pack.h describes the bytes).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/sha256.h"

namespace ocrdet::pack {

inline constexpr std::string_view kMagic = "OCRDPACK";
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::size_t kHeaderBytes = 64, kHeaderChecked = 56, kEntryBytes = 44;
inline constexpr std::size_t kIndexSum = 16, kShortSum = 8;  // bytes of a SHA-256 that are kept

// The first `length` bytes of the SHA-256, as bytes.
inline std::string checksum(std::span<const std::byte> bytes, std::size_t length) {
  const std::string digits = sha256(bytes);
  const auto value = [&](std::size_t i) { return unsigned(digits[i] <= '9' ? digits[i] - '0' : digits[i] - 'a' + 10); };
  std::string sum;
  for (std::size_t i = 0; i < length; ++i) sum += static_cast<char>(value(2 * i) << 4U | value(2 * i + 1));
  return sum;
}

inline std::span<const std::byte> asBytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

template <typename Number>
void append(std::string& bytes, Number number) {
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    bytes += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i) & 255U);
}

// The caller has made sure that the bytes are there.
template <typename Number>
Number numberAt(std::span<const std::byte> bytes, std::size_t at) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) number |= std::to_integer<std::uint64_t>(bytes[at + i]) << (8 * i);
  return static_cast<Number>(number);
}

}  // namespace ocrdet::pack
