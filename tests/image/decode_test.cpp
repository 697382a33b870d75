// Decoding, against pixels that ImageMagick decoded, and with files that are damaged in every way that was thought of.
#include "image/decode.h"

#include <gmock/gmock.h>

#include <random>

#include "image/encode.h"
#include "image/fixture.h"
#include "image/resize.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

using test::asBytes;
using test::fixture;
using test::formulaImage;
using test::largestDifference;

struct Kind {
  std::string file;
  ImageFormat format;
  int tolerance;  // 0: lossless or the same decoder; 1, 2: rounding of 16 bits and of transparency; 3: other CMYK
};

const Kind kKinds[] = {
    {"baseline_420.jpg", ImageFormat::kJpeg, 0}, {"baseline_444.jpg", ImageFormat::kJpeg, 0},
    {"progressive.jpg", ImageFormat::kJpeg, 0},  {"grey.jpg", ImageFormat::kJpeg, 0},
    {"cmyk.jpg", ImageFormat::kJpeg, 3},         {"colour.png", ImageFormat::kPng, 0},
    {"interlaced.png", ImageFormat::kPng, 0},    {"colour_16.png", ImageFormat::kPng, 0},
    {"palette.png", ImageFormat::kPng, 0},       {"one_bit.png", ImageFormat::kPng, 0},
    {"grey.png", ImageFormat::kPng, 0},          {"alpha.png", ImageFormat::kPng, 1},
    {"alpha_16.png", ImageFormat::kPng, 2},      {"lossless.webp", ImageFormat::kWebp, 0},
    {"lossy.webp", ImageFormat::kWebp, 0},       {"alpha.webp", ImageFormat::kWebp, 1},
    {"plain.tif", ImageFormat::kTiff, 0},        {"lzw.tif", ImageFormat::kTiff, 0},
    {"sixteen.tif", ImageFormat::kTiff, 1},      {"tiled.tif", ImageFormat::kTiff, 0},
    {"palette.tif", ImageFormat::kTiff, 1},      {"fax.tif", ImageFormat::kTiff, 0},
    {"pages.tif", ImageFormat::kTiff, 0},        {"colour.bmp", ImageFormat::kBmp, 0},
    {"os2.bmp", ImageFormat::kBmp, 0},           {"palette.bmp", ImageFormat::kBmp, 0},
    {"runs.bmp", ImageFormat::kBmp, 0},          {"one_bit.bmp", ImageFormat::kBmp, 0},
    {"alpha_v5.bmp", ImageFormat::kBmp, 1},
};

class EveryKind : public ::testing::TestWithParam<Kind> {};

TEST_P(EveryKind, DecodesToThePixelsOfAnotherProgram) {
  const Kind& kind = GetParam();
  const std::string file = fixture(kind.file);
  EXPECT_EQ(readImageInfo(asBytes(file)).format, kind.format);
  const Image image = decodeImage(asBytes(file));
  ASSERT_EQ(image.height, 22);
  ASSERT_EQ(image.width, 37);
  const std::string expected = fixture(kind.file + ".bgr");
  EXPECT_LE(largestDifference(image.bgr, {expected.begin(), expected.end()}), kind.tolerance);
}

// Cutting anywhere gives an error of ours, or (behind the last pixel) the whole picture.
TEST_P(EveryKind, CutAnywhereIsAnErrorOrTheWholePicture) {
  const std::string file = fixture(GetParam().file);
  const Image whole = decodeImage(asBytes(file));
  int refused = 0;
  for (std::size_t size = 0; size < file.size(); ++size) {
    try {
      EXPECT_EQ(decodeImage(asBytes(file).first(size)).bgr, whole.bgr) << "cut to " << size << " of " << file.size();
    } catch (const Error& error) {
      ++refused;
      EXPECT_EQ(error.exitStatus(), ExitStatus::kInput);
    }
  }
  EXPECT_GE(refused, int(file.size()) / 2);
}

TEST_P(EveryKind, ChangedBytesNeverCrash) {
  const std::string file = fixture(GetParam().file);
  std::mt19937 random(20240611);
  for (int round = 0; round < 300; ++round) {
    std::string damaged = file;
    for (int i = 0; i < 1 + round % 4; ++i) damaged[random() % damaged.size()] = char(random());
    try {
      const Image image = decodeImage(asBytes(damaged), {.max_pixels = 1'000'000, .page = 0});
      EXPECT_EQ(image.bgr.size(), std::size_t(image.height) * image.width * 3) << "round " << round;
    } catch (const Error& error) {
      EXPECT_EQ(error.exitStatus(), ExitStatus::kInput) << "round " << round;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Decode, EveryKind, ::testing::ValuesIn(kKinds), [](const auto& kind) {
  std::string name = kind.param.file;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

std::string codeOf(const std::string& file, const DecodeOptions& options = {}) {
  try {
    decodeImage(asBytes(file), options);
  } catch (const Error& error) {
    return error.code().name;
  }
  return "none";
}

std::string messageOf(const std::string& file) {
  try {
    decodeImage(asBytes(file));
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(Decode, SaysWhatAFileLooksLikeThatIsNoPicture) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "empty"},
      {"GIF89a....", "GIF"},
      {"%PDF-1.7", "PDF"},
      {std::string("\0\0\0\x18", 4) + "ftypheic....", "HEIC"},
      {"<!DOCTYPE html><html>", "web page"},
      {"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"},
      {"hello, world", "68 65 6c 6c 6f"},
  };
  for (const auto& [file, words] : cases) {
    EXPECT_EQ(codeOf(file), "image.unsupported") << words;
    EXPECT_THAT(messageOf(file), ::testing::HasSubstr(words));
  }
}

TEST(Decode, TellsTruncatedFromDamaged) {
  for (const char* name :
       {"progressive.jpg", "baseline_420.jpg", "colour.png", "lossless.webp", "plain.tif", "colour.bmp"}) {
    const std::string file = fixture(name);
    EXPECT_EQ(codeOf(file.substr(0, file.size() * 2 / 3)), "image.truncated") << name;
  }
  std::string damaged = fixture("colour.png");
  damaged[damaged.size() / 2] = char(damaged[damaged.size() / 2] ^ 0x55);
  EXPECT_EQ(codeOf(damaged), "image.corrupt");
}

// The header claims 30000 × 30000 pixels; no memory is asked for, whatever the format.
TEST(Decode, RefusesClaimedSizesBeforeDecoding) {
  std::string bmp = fixture("colour.bmp");
  const std::uint32_t side = 30000;
  for (int i = 0; i < 4; ++i) bmp[18 + i] = bmp[22 + i] = char(side >> (8 * i));
  EXPECT_EQ(codeOf(bmp), "image.too-large");
  std::string jpeg = fixture("baseline_420.jpg");
  const std::size_t frame = jpeg.find("\xFF\xC0");
  ASSERT_NE(frame, jpeg.npos);
  for (const std::size_t at : {frame + 5, frame + 7}) jpeg[at] = char(side >> 8), jpeg[at + 1] = char(side & 255);
  EXPECT_EQ(codeOf(jpeg), "image.too-large");
  EXPECT_EQ(codeOf(fixture("colour.png"), {.max_pixels = 37 * 22 - 1, .page = 0}), "image.too-large");
  EXPECT_EQ(codeOf(fixture("colour.png"), {.max_pixels = 37 * 22, .page = 0}), "none");
}

TEST(Decode, ReadsThePageOfATiffThatIsAskedFor) {
  const std::string file = fixture("pages.tif");
  EXPECT_EQ(readImageInfo(asBytes(file)).pages, 2);
  const Image second = decodeImage(asBytes(file), {.max_pixels = 1000, .page = 1});
  EXPECT_EQ(second.height, 30);
  EXPECT_EQ(second.width, 20);
  EXPECT_EQ(codeOf(file, {.max_pixels = 1000, .page = 2}), "image.unsupported");
}

TEST(Decode, NamesTheFileInErrors) {
  EXPECT_THAT([] { readImage(test::fixturePath("colour.png.bgr")); },
              ::testing::ThrowsMessage<Error>(::testing::HasSubstr("colour.png.bgr: not an image that can be read")));
  EXPECT_THROW(readImage("/nowhere/picture.jpg"), Error);
}

TEST(Encode, PngComesBackExactlyAndJpegNearly) {
  const Image image = resize(formulaImage(64, 96, 0), {130, 211});
  EXPECT_EQ(decodeImage(asBytes(encodePng(image))).bgr, image.bgr);
  Image smooth = makeImage(40, 60);
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 60; ++x)
      for (int c = 0; c < 3; ++c) smooth.row(y)[3 * x + c] = std::uint8_t(60 + 2 * x + y);
  const Image back = decodeImage(asBytes(encodeJpeg(smooth, 95)));
  EXPECT_LE(largestDifference(back.bgr, smooth.bgr), 6);
}

}  // namespace
}  // namespace ocrdet
