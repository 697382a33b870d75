// A picture that is stored turned and says so must come out upright, for each of the eight ways and each format.
#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "image/decode.h"
#include "image/exif.h"
#include "image/fixture.h"

namespace ocrdet {
namespace {

using test::asBytes;
using test::exifBlock;
using test::fixture;

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

TEST(Orientation, EightWaysInEachFormatAndByteOrder) {
  struct Format {
    std::string plain;
    std::function<std::string(const std::string& file, const std::string& exif)> with;
  };
  const auto webpOfThisSize = [](const std::string& file, const std::string& exif) {
    return test::webpWith(file, 22, 37, exif);
  };
  for (const Format& format : {Format{"baseline_444.jpg", test::jpegWith}, Format{"colour.png", test::pngWith},
                               Format{"lossy.webp", webpOfThisSize}}) {
    const std::string plain = fixture(format.plain);
    const Image stored = decodeImage(asBytes(plain));
    for (const bool little : {false, true})
      for (int orientation = 1; orientation <= 8; ++orientation) {
        SCOPED_TRACE(format.plain);
        const std::string file = format.with(plain, exifBlock(orientation, little));
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
    expectUpright(decodeImage(asBytes(test::jpegWith(fixture("baseline_444.jpg"), good.substr(0, size)))), stored, 1);
  std::string far = good;
  far[4] = far[5] = far[6] = far[7] = '\xFF';  // the directory lies 4 GB further on
  expectUpright(decodeImage(asBytes(test::jpegWith(fixture("baseline_444.jpg"), far))), stored, 1);
  expectUpright(decodeImage(asBytes(test::jpegWith(fixture("baseline_444.jpg"), exifBlock(9, true)))), stored, 1);
}

}  // namespace
}  // namespace ocrdet
