// Files that take pictures of any size, or bytes instead of normalised numbers, against a caller who pads, crops and
// normalises by himself.
#include <gtest/gtest.h>

#include <random>

#include "network/golden.h"
#include "passes/pipeline.h"

namespace ocrdet {
namespace {

using namespace test;

struct Size {
  int height, width;
};

// Values between -0.5 and 0.6, as normalised pixels are.
std::vector<float> noise(std::mt19937& random, std::int64_t count) {
  std::uniform_real_distribution<float> value(-0.5f, 0.6f);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& v : values) v = value(random);
  return values;
}

// Copies maps of [N, C, from] into the top left of zeroed maps of [N, C, to], or the top left of larger ones.
std::vector<float> reframed(const std::vector<float>& maps, std::int64_t planes, Size from, Size to) {
  std::vector<float> result(static_cast<std::size_t>(planes) * to.height * to.width);
  for (std::int64_t plane = 0; plane < planes; ++plane)
    for (int y = 0; y < std::min(from.height, to.height); ++y)
      for (int x = 0; x < std::min(from.width, to.width); ++x)
        result[static_cast<std::size_t>((plane * to.height + y) * to.width + x)] =
            maps[static_cast<std::size_t>((plane * from.height + y) * from.width + x)];
  return result;
}

Size paddedSize(Size size) {
  return {(size.height + 31) / 32 * 32, (size.width + 31) / 32 * 32};
}

// What the plain network says about a picture that the caller padded.
std::vector<float> paddedByHand(const Session& plain, const std::vector<float>& input, int batch, Size size) {
  const Size padded = paddedSize(size);
  const FloatArray maps =
      runMaps(plain, {batch, 3, padded.height, padded.width}, reframed(input, batch * 3, size, padded));
  return reframed(maps.values, batch, padded, size);
}

TEST(AnySize, EqualsPaddingAndCroppingByHandAtRandomSizes) {
  const Session plain = sessionOf(buildExportGraph(formulaWeights(), {}));
  const Session any = sessionOf(buildExportGraph(formulaWeights(), {.any_size = true}));
  std::mt19937 random(20240611);
  std::uniform_int_distribution<int> side(32, 160);
  for (int round = 0; round < 12; ++round) {
    const int batch = 1 + round % 2;
    const Size size{side(random), side(random)};
    const std::vector<float> input = noise(random, std::int64_t{3} * batch * size.height * size.width);
    const FloatArray maps = runMaps(any, {batch, 3, size.height, size.width}, input);
    EXPECT_EQ(maps.shape, (TensorShape{batch, 1, size.height, size.width}));
    EXPECT_LE(largestDifference(maps.values, paddedByHand(plain, input, batch, size)), 1e-6f)
        << batch << "×" << size.height << "×" << size.width;
  }
}

TEST(AnySize, HoldsForEveryRemainderOfEachSide) {
  const Session plain = sessionOf(buildExportGraph(formulaWeights(), {}));
  const Session any = sessionOf(buildExportGraph(formulaWeights(), {.any_size = true}));
  std::mt19937 random(7);
  for (int remainder = 0; remainder < 32; ++remainder) {
    const Size size{32 + remainder, 64 + (remainder * 7) % 32};
    const std::vector<float> input = noise(random, std::int64_t{3} * size.height * size.width);
    const FloatArray maps = runMaps(any, {1, 3, size.height, size.width}, input);
    EXPECT_EQ(maps.shape, (TensorShape{1, 1, size.height, size.width}));
    EXPECT_LE(largestDifference(maps.values, paddedByHand(plain, input, 1, size)), 1e-6f)
        << size.height << "×" << size.width;
  }
}

TEST(AnySize, HoldsForFixedSizesAndForOneFixedSide) {
  const Session plain = sessionOf(buildExportGraph(formulaWeights(), {}));
  std::mt19937 random(11);
  for (const Size size : {Size{33, 95}, Size{64, 70}, Size{97, 64}, Size{64, 96}}) {
    const std::vector<float> input = noise(random, std::int64_t{3} * size.height * size.width);
    for (int fixed_sides = 1; fixed_sides < 4; ++fixed_sides) {
      GraphOptions options{.any_size = true};
      if (fixed_sides & 1) options.height = size.height;
      if (fixed_sides & 2) options.width = size.width;
      const Session any = sessionOf(buildExportGraph(formulaWeights(), options));
      const FloatArray maps = runMaps(any, {1, 3, size.height, size.width}, input);
      EXPECT_EQ(maps.shape, (TensorShape{1, 1, size.height, size.width}));
      EXPECT_LE(largestDifference(maps.values, paddedByHand(plain, input, 1, size)), 1e-6f)
          << size.height << "×" << size.width << ", fixed sides " << fixed_sides;
    }
  }
}

TEST(EmbeddedPreprocess, SeesExactlyTheNumbersThatACallerWouldCompute) {
  const Session plain = sessionOf(buildExportGraph(formulaWeights(), {.any_size = true}));
  const Session bytes = sessionOf(buildExportGraph(formulaWeights(), {.any_size = true, .embed_preprocess = true}));
  for (const Size size : {Size{64, 64}, Size{96, 160}, Size{77, 101}}) {
    const std::vector<std::uint8_t> picture = formulaImage(size.height, size.width);
    const std::vector<NamedTensor> outputs =
        bytes.run({{"input", viewOf({1, size.height, size.width, 3}, std::span(picture))}});
    const FloatArray expected =
        runMaps(plain, {1, 3, size.height, size.width}, formulaInput(1, size.height, size.width));
    EXPECT_EQ(outputs[0].tensor.shape, expected.shape);
    EXPECT_EQ(largestDifference(toFloat32(outputs[0].tensor), expected.values), 0) << size.height << "×" << size.width;
  }
}

TEST(EmbeddedPreprocess, WorksTogetherWithFloat16AndPadding) {
  for (const bool float16_io : {false, true}) {
    GraphOptions options{.any_size = true, .embed_preprocess = true, .float16_io = float16_io};
    options.precision = GraphOptions::kFloat16;
    const Session session = sessionOf(buildExportGraph(formulaWeights(), options));
    const GoldenCase& golden = kSmallCases[1];
    const std::vector<std::uint8_t> picture = formulaImage(golden.height, golden.width);
    const std::vector<NamedTensor> outputs =
        session.run({{"input", viewOf({1, golden.height, golden.width, 3}, std::span(picture))}});
    EXPECT_EQ(outputs[0].tensor.dtype, float16_io ? DType::kFloat16 : DType::kFloat32);
    EXPECT_LE(largestDifference(toFloat32(outputs[0].tensor), golden.map("prob").values), 5e-3f);
  }
}

}  // namespace
}  // namespace ocrdet
