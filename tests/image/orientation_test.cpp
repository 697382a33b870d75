// A picture that is stored turned and says so must come out upright, for each of the eight ways and each format.
#include <gtest/gtest.h>

#include <array>

#include "image/decode.h"
#include "image/encode.h"
#include "image/fixture.h"

namespace ocrdet {
namespace {

using testing::asBytes;
using testing::fixture;

// Where the upright pixel (y, x) lies in the stored picture of height h and width w. From the EXIF standard's table of
// what row 0 and column 0 of the stored picture show.
std::array<int, 2> storedAt(int orientation, int y, int x, int h, int w) {
  switch (orientation) {
    case 2:
      return {y, w - 1 - x};  // top, right
    case 3:
      return {h - 1 - y, w - 1 - x};  // bottom, right
    case 4:
      return {h - 1 - y, x};  // bottom, left
    case 5:
      return {x, y};  // left, top
    case 6:
      return {h - 1 - x, y};  // right, top
    case 7:
      return {h - 1 - x, w - 1 - y};  // right, bottom
    case 8:
      return {x, w - 1 - y};  // left, bottom
    default:
      return {y, x};
  }
}

void expectUpright(const Image& upright, const Image& stored, int orientation) {
  const bool turned = orientation >= 5;
  ASSERT_EQ(upright.height, turned ? stored.width : stored.height);
  ASSERT_EQ(upright.width, turned ? stored.height : stored.width);
  int wrong = 0;
  for (int y = 0; y < upright.height; ++y)
    for (int x = 0; x < upright.width; ++x) {
      const auto [sy, sx] = storedAt(orientation, y, x, stored.height, stored.width);
      wrong += !std::equal(upright.row(y) + 3 * x, upright.row(y) + 3 * x + 3, stored.row(sy) + 3 * sx);
    }
  EXPECT_EQ(wrong, 0) << "orientation " << orientation;
}

std::string exifBlock(int orientation, bool little) {
  return little ? std::string("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 18) + char(orientation) +
                      std::string("\0\0\0\0\0\0\0", 7)
                : std::string("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19) + char(orientation) +
                      std::string("\0\0\0\0\0\0", 6);
}

std::string jpegWith(const std::string& exif) {
  const std::string file = fixture("baseline_444.jpg"), body = std::string("Exif\0\0", 6) + exif;
  const std::size_t length = body.size() + 2;
  return file.substr(0, 2) + "\xFF\xE1" + char(length >> 8) + char(length & 255) + body + file.substr(2);
}

std::uint32_t crc32(const std::string& bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const unsigned char byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

std::string bigEndian(std::uint32_t value) {
  return {char(value >> 24), char(value >> 16), char(value >> 8), char(value)};
}

std::string pngWith(const std::string& exif) {
  const std::string file = fixture("colour.png"), body = "eXIf" + exif;
  constexpr std::size_t kAfterHeader = 8 + 25;
  return file.substr(0, kAfterHeader) + bigEndian(std::uint32_t(exif.size())) + body + bigEndian(crc32(body)) +
         file.substr(kAfterHeader);
}

std::string littleEndian(std::uint32_t value) {
  return {char(value), char(value >> 8), char(value >> 16), char(value >> 24)};
}

std::string webpWith(const std::string& exif) {
  const std::string lossy = fixture("lossy.webp").substr(12);  // the VP8 chunk
  constexpr char kHasExif = 0x08;
  const std::string extended = std::string("VP8X") + littleEndian(10) + kHasExif + std::string(3, '\0') +
                               littleEndian(36).substr(0, 3) + littleEndian(21).substr(0, 3);
  const std::string body = "WEBP" + extended + lossy + "EXIF" + littleEndian(std::uint32_t(exif.size())) + exif;
  return "RIFF" + littleEndian(std::uint32_t(body.size())) + body;
}

TEST(Orientation, EightWaysInEachFormatAndByteOrder) {
  struct Format {
    const char* plain;
    std::string (*with)(const std::string&);
  };
  for (const Format& format :
       {Format{"baseline_444.jpg", jpegWith}, Format{"colour.png", pngWith}, Format{"lossy.webp", webpWith}}) {
    const std::string plain = fixture(format.plain);
    const Image stored = decodeImage(asBytes(plain));
    for (const bool little : {false, true})
      for (int orientation = 1; orientation <= 8; ++orientation) {
        SCOPED_TRACE(format.plain);
        const std::string file = format.with(exifBlock(orientation, little));
        EXPECT_EQ(readImageInfo(asBytes(file)).orientation, orientation);
        expectUpright(decodeImage(asBytes(file)), stored, orientation);
      }
  }
}

TEST(Orientation, OfATiffFileComesFromItsTag) {
  const std::string file = fixture("turned.tif"), pixels = fixture("turned.tif.bgr");
  EXPECT_EQ(readImageInfo(asBytes(file)).orientation, 6);
  expectUpright(decodeImage(asBytes(file)), {22, 37, {pixels.begin(), pixels.end()}}, 6);
}

TEST(Orientation, DamagedNotesCountAsUpright) {
  const std::string good = exifBlock(6, true);
  const Image stored = decodeImage(asBytes(fixture("baseline_444.jpg")));
  for (std::size_t size = 0; size < 20; ++size)
    expectUpright(decodeImage(asBytes(jpegWith(good.substr(0, size)))), stored, 1);
  std::string far = good;
  far[4] = far[5] = far[6] = far[7] = '\xFF';  // the directory lies 4 GB further on
  expectUpright(decodeImage(asBytes(jpegWith(far))), stored, 1);
  expectUpright(decodeImage(asBytes(jpegWith(exifBlock(9, true)))), stored, 1);
}

}  // namespace
}  // namespace ocrdet
