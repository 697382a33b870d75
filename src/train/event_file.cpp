#include "train/event_file.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <chrono>
#include <cstring>

namespace ocrdet {
namespace {

constexpr std::array<std::uint32_t, 256> makeTable() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0x82f63b78U : 0);  // reflected polynomial
    table[i] = value;
  }
  return table;
}

double secondsNow() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

template <typename Number>
std::string littleEndian(Number number) {
  static_assert(std::endian::native == std::endian::little);
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

// Protocol buffers: a field is its number and wire type, then the value. 0: varint, 1: 8 bytes, 2: length and bytes,
// 5: 4 bytes.
std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 128; value >>= 7) bytes += static_cast<char>(value | 128);
  return bytes + static_cast<char>(value);
}

std::string key(int field, int wire_type) {
  return varint(static_cast<std::uint64_t>(field << 3 | wire_type));
}

std::string varintField(int field, std::int64_t value) {
  return key(field, 0) + varint(static_cast<std::uint64_t>(value));
}

std::string doubleField(int field, double value) {
  return key(field, 1) + littleEndian(value);
}

std::string floatField(int field, float value) {
  return key(field, 5) + littleEndian(value);
}

std::string bytesField(int field, std::string_view bytes) {
  return key(field, 2) + varint(bytes.size()) + std::string(bytes);
}

// Event.summary (5) with one Summary.value (1), whose tag is field 1.
std::string summary(std::string_view tag, std::string_view value) {
  return bytesField(5, bytesField(1, bytesField(1, tag) + std::string(value)));
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  static constexpr std::array<std::uint32_t, 256> kTable = makeTable();
  std::uint32_t value = ~0U;
  for (const char byte : bytes) value = kTable[(value ^ static_cast<unsigned char>(byte)) & 0xff] ^ (value >> 8);
  return ~value;
}

std::uint32_t maskedCrc32c(std::string_view bytes) {
  return std::rotr(crc32c(bytes), 15) + 0xa282ead8U;
}

Error cannotAppend(const std::filesystem::path& file) {
  return Error({&codes::kFileUnwritable,
                fmt::format("Could not add to {}.", file.string()),
                "Check that the disk has room; --resume then goes on from the last state.",
                {{"path", file.string()}}});
}

EventFile::EventFile(const std::filesystem::path& folder) {
  // TensorBoard orders files by the seconds in their names; a resumed run adds one.
  const auto path = folder / fmt::format("events.out.tfevents.{:010}.ocrdet", static_cast<std::int64_t>(secondsNow()));
  path_ = path;
  file_.open(path, std::ios::binary | std::ios::app);
  if (!file_)
    throw Error({&codes::kFileUnwritable, fmt::format("{} cannot be created.", path.string()),
                 "Check that the folder may be written to and that the disk has room."});
  writeRecord(doubleField(1, secondsNow()) + bytesField(3, "brain.Event:2"));
}

void EventFile::addScalar(std::string_view tag, std::int64_t step, double value) {
  addEvent(step, summary(tag, floatField(2, static_cast<float>(value))));
}

void EventFile::addImage(std::string_view tag, std::int64_t step, int height, int width, std::string_view png) {
  constexpr int kRgb = 3;
  addEvent(step, summary(tag, bytesField(4, varintField(1, height) + varintField(2, width) + varintField(3, kRgb) +
                                                bytesField(4, png))));
}

// Event.session_log (7), of which field 1 is the status; 1 is START.
void EventFile::dropFrom(std::int64_t step) {
  addEvent(step, bytesField(7, varintField(1, 1)));
}

void EventFile::addEvent(std::int64_t step, std::string_view field) {
  writeRecord(doubleField(1, secondsNow()) + varintField(2, step) + std::string(field));
}

void EventFile::writeRecord(std::string_view bytes) {
  const std::string length = littleEndian(static_cast<std::uint64_t>(bytes.size()));
  file_ << length << littleEndian(maskedCrc32c(length)) << bytes << littleEndian(maskedCrc32c(bytes));
  file_.flush();
  if (!file_) throw cannotAppend(path_);
}

}  // namespace ocrdet
