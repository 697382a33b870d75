// BMP: 1, 4, 8, 16, 24 and 32 bits a pixel, palettes, bit masks, RLE4 and RLE8, rows from below or above.
//
//   file header   "BM", size (4), reserved (4), offset of the pixels (4)
//   info header   its own size (4): 12 for OS/2, 40 and more for Windows; width, height, planes, bits, compression …
//   palette, then rows, each padded to four bytes
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstdlib>

#include "image/decoders.h"

namespace ocrdet::decoders {
namespace {

enum Compression : std::uint32_t { kPlain = 0, kRle8 = 1, kRle4 = 2, kMasks = 3, kAlphaMasks = 6 };

struct Header {
  int height = 0, width = 0;
  bool from_below = true;
  std::uint32_t bits = 0, compression = kPlain;
  std::size_t pixels_at = 0;
  std::size_t palette_at = 0, palette_entries = 0, palette_entry_size = 4;
  std::array<std::uint32_t, 4> masks{};  // blue, green, red, alpha; 0 when the channel is absent
};

constexpr std::size_t kFileHeader = 14;

void readMasks(Bytes file, std::size_t info_size, Header& header) {
  if (header.compression == kMasks || header.compression == kAlphaMasks) {
    // Three masks follow the short header or begin its longer forms; the fourth exists in the longer ones.
    constexpr std::size_t kMasksAt = kFileHeader + 40;
    const bool alpha = header.compression == kAlphaMasks || info_size >= 56;
    if (file.size() < kMasksAt + (alpha ? 16 : 12)) failTruncated(ImageFormat::kBmp, "its colour masks are missing");
    for (std::size_t c = 0; c < 3; ++c) header.masks[2 - c] = littleEndian32(file, kMasksAt + 4 * c);
    if (alpha) header.masks[3] = littleEndian32(file, kMasksAt + 12);
  } else if (header.bits == 16) {
    header.masks = {0x1F, 0x3E0, 0x7C00, 0};
  } else {
    header.masks = {0xFF, 0xFF00, 0xFF0000, 0};  // the fourth byte of plain 32-bit pixels means nothing
  }
}

void checkKind(const Header& header) {
  const bool known_bits = header.bits == 1 || header.bits == 4 || header.bits == 8 || header.bits == 16 ||
                          header.bits == 24 || header.bits == 32;
  const bool wide = header.bits == 16 || header.bits == 32;
  const bool fits = header.compression == kPlain || (header.compression == kRle8 && header.bits == 8) ||
                    (header.compression == kRle4 && header.bits == 4) ||
                    ((header.compression == kMasks || header.compression == kAlphaMasks) && wide);
  if (!known_bits || !fits)
    failUnsupported(fmt::format("a BMP of {} bits a pixel with compression {}", header.bits, header.compression));
}

Header readHeader(Bytes file) {
  constexpr std::size_t kOs2 = 12, kWindows = 40;
  if (file.size() < kFileHeader + kOs2) failTruncated(ImageFormat::kBmp, fmt::format("it has {} bytes", file.size()));
  const std::size_t info_size = littleEndian32(file, kFileHeader);
  if (info_size != kOs2 && info_size < kWindows)
    failUnsupported(fmt::format("a BMP whose header has {} bytes", info_size));
  if (file.size() < kFileHeader + info_size) failTruncated(ImageFormat::kBmp, "its header is cut");

  Header header;
  std::size_t colours_used = 0;
  std::int64_t height = 0, width = 0;
  if (info_size == kOs2) {
    width = littleEndian16(file, kFileHeader + 4);
    height = littleEndian16(file, kFileHeader + 6);
    header.bits = littleEndian16(file, kFileHeader + 10);
    header.palette_entry_size = 3;
  } else {
    width = std::int32_t(littleEndian32(file, kFileHeader + 4));
    height = std::int32_t(littleEndian32(file, kFileHeader + 8));
    header.bits = littleEndian16(file, kFileHeader + 14);
    header.compression = littleEndian32(file, kFileHeader + 16);
    colours_used = littleEndian32(file, kFileHeader + 32);
  }
  checkKind(header);
  header.from_below = height > 0;
  constexpr std::int64_t kLargestSide = 1'000'000;
  if (width <= 0 || height == 0 || width > kLargestSide || std::abs(height) > kLargestSide)
    failCorrupt(ImageFormat::kBmp, fmt::format("the header says {}×{} pixels", height, width));
  header.width = int(width);
  header.height = int(std::abs(height));
  header.pixels_at = littleEndian32(file, 10);
  if (header.bits <= 8) {
    header.palette_at = kFileHeader + info_size;
    const std::size_t most = std::size_t(1) << header.bits;
    header.palette_entries = colours_used == 0 || colours_used > most ? most : colours_used;
    if (file.size() < header.palette_at + header.palette_entries * header.palette_entry_size)
      failTruncated(ImageFormat::kBmp, "its palette is cut");
  } else {
    readMasks(file, info_size, header);
  }
  return header;
}

using Colour = std::array<std::uint8_t, 3>;

// 256 entries whatever the file holds, so that an index never leads outside.
std::array<Colour, 256> readPalette(Bytes file, const Header& header) {
  std::array<Colour, 256> palette{};
  for (std::size_t i = 0; i < header.palette_entries; ++i)
    for (std::size_t c = 0; c < 3; ++c)
      palette[i][c] = byteAt(file, header.palette_at + i * header.palette_entry_size + c);
  return palette;
}

void put(Image& image, const Header& header, int x, int y, const Colour& colour) {
  std::uint8_t* to = image.row(header.from_below ? header.height - 1 - y : y) + 3 * std::size_t(x);
  for (std::size_t c = 0; c < 3; ++c) to[c] = colour[c];
}

// One channel of a packed pixel, stretched to 0…255.
std::uint8_t channel(std::uint32_t pixel, std::uint32_t mask) {
  if (mask == 0) return 0;
  const std::uint64_t most = mask >> std::countr_zero(mask);
  const std::uint64_t value = (pixel & mask) >> std::countr_zero(mask);
  return std::uint8_t((value * 255 + most / 2) / most);
}

Colour packedColour(std::uint32_t pixel, const Header& header) {
  Colour colour;
  const std::uint8_t alpha = header.masks[3] ? channel(pixel, header.masks[3]) : 255;
  for (std::size_t c = 0; c < 3; ++c) colour[c] = onWhite(channel(pixel, header.masks[c]), alpha);
  return colour;
}

Image readRows(Bytes file, const Header& header) {
  const std::size_t stride = (std::size_t(header.width) * header.bits + 31) / 32 * 4;
  if (header.pixels_at > file.size() || file.size() - header.pixels_at < stride * (header.height - 1) + 1)
    failTruncated(ImageFormat::kBmp, fmt::format("{} rows of {} bytes are missing or cut", header.height, stride));
  const std::size_t needed_of_last = (std::size_t(header.width) * header.bits + 7) / 8;
  if (file.size() - header.pixels_at < stride * (header.height - 1) + needed_of_last)
    failTruncated(ImageFormat::kBmp, "the last row is cut");

  const auto palette = readPalette(file, header);
  Image image = makeImage(header.height, header.width);
  for (int y = 0; y < header.height; ++y) {
    const std::size_t row = header.pixels_at + stride * y;
    for (int x = 0; x < header.width; ++x) {
      if (header.bits <= 8) {
        const std::size_t bit = std::size_t(x) * header.bits;
        const std::uint32_t shift = 8 - header.bits - bit % 8;
        put(image, header, x, y, palette[byteAt(file, row + bit / 8) >> shift & ((1u << header.bits) - 1)]);
      } else if (header.bits == 24) {
        const std::size_t at = row + 3 * std::size_t(x);
        put(image, header, x, y, {byteAt(file, at), byteAt(file, at + 1), byteAt(file, at + 2)});
      } else {
        const std::size_t at = row + header.bits / 8 * std::size_t(x);
        put(image, header, x, y,
            packedColour(header.bits == 16 ? littleEndian16(file, at) : littleEndian32(file, at), header));
      }
    }
  }
  return image;
}

// Pairs of bytes: (count, value) repeats a value; (0, 0) ends a row, (0, 1) the picture, (0, 2) moves, and (0, n) is
// followed by n values as they are, padded to two bytes. With four bits a pixel a byte holds two values. Pixels that
// are never written keep colour 0.
Image readRuns(Bytes file, const Header& header) {
  const auto palette = readPalette(file, header);
  Image image = makeImage(header.height, header.width);
  for (int y = 0; y < header.height; ++y)
    for (int x = 0; x < header.width; ++x) put(image, header, x, y, palette[0]);

  std::size_t at = header.pixels_at;
  const auto next = [&]() -> std::uint8_t {
    if (at >= file.size()) failTruncated(ImageFormat::kBmp, "its runs end before the picture does");
    return byteAt(file, at++);
  };
  const bool half_bytes = header.compression == kRle4;
  int x = 0, y = 0;
  const auto paint = [&](std::uint8_t index) {
    if (x < header.width && y < header.height) put(image, header, x, y, palette[index]);
    x += x < header.width;
  };
  while (y < header.height) {
    const int count = next();
    const std::uint8_t value = next();
    if (count > 0) {
      for (int i = 0; i < count; ++i) paint(half_bytes ? (i % 2 ? value & 15 : value >> 4) : value);
    } else if (value == 0) {
      x = 0;
      ++y;
    } else if (value == 1) {
      break;
    } else if (value == 2) {
      x = std::min(header.width, x + next());
      y += next();
    } else {
      std::uint8_t packed = 0;
      for (int i = 0; i < value; ++i) {
        if (!half_bytes || i % 2 == 0) packed = next();
        paint(half_bytes ? (i % 2 ? packed & 15 : packed >> 4) : packed);
      }
      const int bytes_used = half_bytes ? (value + 1) / 2 : value;
      if (bytes_used % 2) next();
    }
  }
  return image;
}

}  // namespace

ImageInfo bmpInfo(Bytes bytes) {
  const Header header = readHeader(bytes);
  return {ImageFormat::kBmp, header.height, header.width, 1, 1};
}

Image decodeBmp(Bytes bytes, const ImageInfo&) {
  const Header header = readHeader(bytes);
  const bool runs = header.compression == kRle8 || header.compression == kRle4;
  return runs ? readRuns(bytes, header) : readRows(bytes, header);
}

}  // namespace ocrdet::decoders
