// The one EXIF tag that matters here. An EXIF block is a TIFF file: byte order, offset of the first directory, entries
// of twelve bytes.
#include <algorithm>
#include <string_view>

#include "image/decoders.h"

namespace ocrdet::decoders {

int exifOrientation(Bytes exif) {
  constexpr std::string_view kPrefix("Exif\0\0", 6);
  if (exif.size() >= kPrefix.size() &&
      std::equal(kPrefix.begin(), kPrefix.end(), exif.begin(), [](char a, std::byte b) { return std::byte(a) == b; }))
    exif = exif.subspan(kPrefix.size());
  if (exif.size() < 8) return 1;

  const bool little = byteAt(exif, 0) == 'I';
  if (!little && byteAt(exif, 0) != 'M') return 1;
  const auto u16 = [&](std::size_t at) { return little ? littleEndian16(exif, at) : bigEndian16(exif, at); };
  const auto u32 = [&](std::size_t at) { return little ? littleEndian32(exif, at) : bigEndian32(exif, at); };

  constexpr std::size_t kEntrySize = 12;
  constexpr std::uint32_t kOrientationTag = 0x0112;
  const std::size_t directory = u32(4);
  if (directory > exif.size() - 2) return 1;
  const std::size_t entries = u16(directory);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = directory + 2 + i * kEntrySize;
    if (at + kEntrySize > exif.size()) return 1;
    if (u16(at) != kOrientationTag) continue;
    const std::uint32_t value = u16(at + 8);  // a SHORT lies in the entry itself
    return value >= 1 && value <= 8 ? int(value) : 1;
  }
  return 1;
}

}  // namespace ocrdet::decoders
