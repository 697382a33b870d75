// Tensors as values: counting, strides, conversion; float16 against its definition, for every bit pattern.
#include "tensor/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "tensor/float16.h"

namespace ocrdet {
namespace {

using testing::ElementsAre;

// By the definition of the format: sign, 5 bits of exponent, 10 of significand.
double float16ByDefinition(unsigned bits) {
  const double sign = (bits & 0x8000u) != 0 ? -1 : 1;
  const int exponent = static_cast<int>(bits >> 10 & 31u);
  const double significand = bits & 0x3ffu;
  if (exponent == 31) {
    return significand == 0 ? sign * std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  }
  if (exponent == 0) return sign * std::ldexp(significand, -24);
  return sign * std::ldexp(1024 + significand, exponent - 25);
}

TEST(Float16, MeansWhatItsDefinitionSaysForEveryBitPattern) {
  for (unsigned bits = 0; bits <= 0xffffu; ++bits) {
    const float value = float16ToFloat32(static_cast<std::uint16_t>(bits));
    const double expected = float16ByDefinition(bits);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(value)) << bits;
    } else {
      EXPECT_EQ(static_cast<double>(value), expected) << bits;
      EXPECT_EQ(std::signbit(value), (bits & 0x8000u) != 0) << bits;
      EXPECT_EQ(float32ToFloat16(value), bits) << "and back";
    }
  }
}

TEST(Float16, IsRoundedToTheNearestAndTiesToEven) {
  for (unsigned bits = 0; bits < 0x7bffu; ++bits) {
    const float below = float16ToFloat32(static_cast<std::uint16_t>(bits));
    const float above = float16ToFloat32(static_cast<std::uint16_t>(bits + 1));
    const float middle = (below + above) / 2;  // exact in float32
    EXPECT_EQ(float32ToFloat16(std::nextafter(middle, below)), bits);
    EXPECT_EQ(float32ToFloat16(middle), bits % 2 == 0 ? bits : bits + 1);
    EXPECT_EQ(float32ToFloat16(std::nextafter(middle, above)), bits + 1);
    EXPECT_EQ(float32ToFloat16(-middle), float32ToFloat16(middle) | 0x8000u);
  }
}

TEST(Float16, BecomesInfiniteFromHalfwayBeyondItsLargest) {
  EXPECT_EQ(float32ToFloat16(65519.99f), 0x7bffu);
  EXPECT_EQ(float32ToFloat16(65520.0f), 0x7c00u);
  EXPECT_EQ(float32ToFloat16(-std::numeric_limits<float>::infinity()), 0xfc00u);
  EXPECT_EQ(float32ToFloat16(std::numeric_limits<float>::quiet_NaN()) & 0x7e00u, 0x7e00u);
}

TEST(Bfloat16, IsTheUpperHalfOfAFloat32) {
  EXPECT_EQ(bfloat16ToFloat32(0x3fc0), 1.5f);
  EXPECT_EQ(bfloat16ToFloat32(0xc2f7), -123.5f);
}

TEST(TensorShapes, CountTheirElementsWithoutOverflow) {
  const std::int64_t big = std::int64_t{1} << 40;
  EXPECT_EQ(elementCount(TensorShape{}), 1);
  EXPECT_EQ(elementCount(TensorShape{64, 3, 7, 7}), 9408);
  EXPECT_EQ(elementCount(TensorShape{big, 0, big}), 0);
  EXPECT_EQ(elementCount(TensorShape{big, big}), std::nullopt);
  EXPECT_EQ(elementCount(TensorShape{2, -1}), std::nullopt);
}

TEST(TensorShapes, AreWrittenWithTimesSigns) {
  EXPECT_EQ(toText(TensorShape{64, 3, 7, 7}), "64×3×7×7");
  EXPECT_EQ(toText(TensorShape{}), "scalar");
}

TEST(Tensors, GiveTheirElementsInRowMajorOrder) {
  Tensor tensor = makeTensor({2, 3}, {0, 1, 2, 3, 4, 5});
  EXPECT_TRUE(isContiguous(tensor));
  tensor.shape = {3, 2};
  tensor.strides = {1, 3};  // transposed
  EXPECT_FALSE(isContiguous(tensor));
  EXPECT_THAT(toFloat32(tensor), ElementsAre(0, 3, 1, 4, 2, 5));
  tensor.shape = {2, 2};
  tensor.strides = {0, 1};  // the last two, twice
  tensor.offset = 4;
  EXPECT_THAT(toFloat32(tensor), ElementsAre(4, 5, 4, 5));
}

TEST(Tensors, OfOnlyOneColumnAreContiguousWhateverItsStride) {
  Tensor tensor = makeTensor({3, 1}, {1, 2, 3});
  tensor.strides = {1, 77};
  EXPECT_TRUE(isContiguous(tensor));
  EXPECT_EQ(contiguousBytes(tensor).size(), 12u);
}

TEST(Tensors, ConvertIntegersAndBooleans) {
  const std::int64_t integers[] = {-7, 16777217};
  Tensor tensor;
  tensor.dtype = DType::kInt64;
  tensor.shape = {2};
  tensor.strides = {1};
  tensor.storage = {std::as_bytes(std::span(integers)), nullptr};
  EXPECT_THAT(toFloat32(tensor), ElementsAre(-7.0f, 16777216.0f)) << "rounded to float32";
  const std::uint8_t booleans[] = {0, 1, 255};
  tensor.dtype = DType::kBool;
  tensor.shape = {3};
  tensor.storage = {std::as_bytes(std::span(booleans)), nullptr};
  EXPECT_THAT(toFloat32(tensor), ElementsAre(0, 1, 1));
}

}  // namespace
}  // namespace ocrdet
