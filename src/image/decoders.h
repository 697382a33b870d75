// What each format's file offers to decode.cpp: the header, and the pixels as they are stored. Internal to src/image.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "image/decode.h"

namespace ocrdet::decoders {

using Bytes = std::span<const std::byte>;

ImageInfo jpegInfo(Bytes bytes);
ImageInfo pngInfo(Bytes bytes);
ImageInfo webpInfo(Bytes bytes);
ImageInfo tiffInfo(Bytes bytes, int page);
ImageInfo bmpInfo(Bytes bytes);

// `info` is what the function above returned for the same bytes; its size is within the budget.
Image decodeJpeg(Bytes bytes, const ImageInfo& info);
Image decodePng(Bytes bytes, const ImageInfo& info);
Image decodeWebp(Bytes bytes, const ImageInfo& info);
Image decodeTiff(Bytes bytes, const ImageInfo& info, int page);
Image decodeBmp(Bytes bytes, const ImageInfo& info);

// `cause` is what the foreign library said, if one did.
[[noreturn]] void failCorrupt(ImageFormat format, const std::string& what, const std::string& cause = {});
[[noreturn]] void failTruncated(ImageFormat format, const std::string& what, const std::string& cause = {});
[[noreturn]] void failUnsupported(const std::string& what, const std::string& cause = {});

// Orientation tag of an EXIF block (a small TIFF file, with or without "Exif\0\0" before it); 1 when there is none or
// the block is damaged: a picture with a broken note is still a picture.
int exifOrientation(Bytes exif);

// A coloured sample seen through its transparency on white paper, rounded.
inline std::uint8_t onWhite(std::uint8_t sample, std::uint8_t alpha) {
  return std::uint8_t((sample * alpha + 255 * (255 - alpha) + 127) / 255);
}

inline std::uint8_t byteAt(Bytes bytes, std::size_t at) {
  return std::to_integer<std::uint8_t>(bytes[at]);
}
inline std::uint32_t bigEndian16(Bytes bytes, std::size_t at) {
  return std::uint32_t(byteAt(bytes, at)) << 8 | byteAt(bytes, at + 1);
}
inline std::uint32_t littleEndian16(Bytes bytes, std::size_t at) {
  return byteAt(bytes, at) | std::uint32_t(byteAt(bytes, at + 1)) << 8;
}
inline std::uint32_t bigEndian32(Bytes bytes, std::size_t at) {
  return bigEndian16(bytes, at) << 16 | bigEndian16(bytes, at + 2);
}
inline std::uint32_t littleEndian32(Bytes bytes, std::size_t at) {
  return littleEndian16(bytes, at) | littleEndian16(bytes, at + 2) << 16;
}

}  // namespace ocrdet::decoders
