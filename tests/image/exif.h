// Files with a camera's orientation note, made by hand.
#pragma once

#include <cstdint>
#include <string>

namespace ocrdet::test {

inline std::string exifBlock(int orientation, bool little) {
  return little ? std::string("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 18) + char(orientation) +
                      std::string("\0\0\0\0\0\0\0", 7)
                : std::string("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19) + char(orientation) +
                      std::string("\0\0\0\0\0\0", 6);
}

inline std::string jpegWith(const std::string& jpeg, const std::string& exif) {
  const std::string body = std::string("Exif\0\0", 6) + exif;
  const std::size_t length = body.size() + 2;
  return jpeg.substr(0, 2) + "\xFF\xE1" + char(length >> 8) + char(length & 255) + body + jpeg.substr(2);
}

inline std::uint32_t crc32(const std::string& bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= std::uint8_t(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

inline std::string bigEndian(std::uint32_t value) {
  return {char(value >> 24), char(value >> 16), char(value >> 8), char(value)};
}

inline std::string littleEndian(std::uint32_t value) {
  return {char(value), char(value >> 8), char(value >> 16), char(value >> 24)};
}

inline std::string pngWith(const std::string& png, const std::string& exif) {
  const std::string body = "eXIf" + exif;
  constexpr std::size_t kAfterHeader = 8 + 25;
  return png.substr(0, kAfterHeader) + bigEndian(std::uint32_t(exif.size())) + body + bigEndian(crc32(body)) +
         png.substr(kAfterHeader);
}

// `webp` is a plain lossy file of that size: one VP8 chunk.
inline std::string webpWith(const std::string& webp, std::uint32_t height, std::uint32_t width,
                            const std::string& exif) {
  constexpr char kHasExif = 0x08;
  const std::string extended = std::string("VP8X") + littleEndian(10) + kHasExif + std::string(3, '\0') +
                               littleEndian(width - 1).substr(0, 3) + littleEndian(height - 1).substr(0, 3);
  const std::string body =
      "WEBP" + extended + webp.substr(12) + "EXIF" + littleEndian(std::uint32_t(exif.size())) + exif;
  return "RIFF" + littleEndian(std::uint32_t(body.size())) + body;
}

}  // namespace ocrdet::test
