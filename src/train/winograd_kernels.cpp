#include "train/winograd_kernels.h"

#include <algorithm>
#include <array>

#if defined(__x86_64__)
#define OCRDET_AVX2 __attribute__((target("avx2,fma")))
#define OCRDET_AVX2_INLINE __attribute__((target("avx2,fma"), always_inline)) inline
#else
#define OCRDET_AVX2
#define OCRDET_AVX2_INLINE __attribute__((always_inline)) inline
#endif

namespace ocrdet::winograd {
namespace {

constexpr int kKernel = 3;
constexpr int kLanes = 8;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));
using UnalignedLanes = float __attribute__((vector_size(kLanes * sizeof(float)), aligned(sizeof(float)), may_alias));

OCRDET_AVX2_INLINE void load(const float* from, Lanes& to) {
  to = *reinterpret_cast<const UnalignedLanes*>(from);
}

OCRDET_AVX2_INLINE void store(const Lanes& from, float* to) {
  *reinterpret_cast<UnalignedLanes*>(to) = from;
}

template <std::size_t kRows, std::size_t kColumns>
using Matrix = std::array<std::array<float, kColumns>, kRows>;

template <std::size_t kRows, std::size_t kColumns>
constexpr Matrix<kColumns, kRows> transposed(const Matrix<kRows, kColumns>& matrix) {
  Matrix<kColumns, kRows> result{};
  for (std::size_t row = 0; row < kRows; ++row)
    for (std::size_t column = 0; column < kColumns; ++column) result[column][row] = matrix[row][column];
  return result;
}

// The paper's Bᵀ, G and Aᵀ for the points 0, 1, −1, 2, −2 and infinity.
constexpr Matrix<6, 6> kOfWindow{{{4, 0, -5, 0, 1, 0},
                                  {0, -4, -4, 1, 1, 0},
                                  {0, 4, -4, -1, 1, 0},
                                  {0, -2, -1, 2, 1, 0},
                                  {0, 2, -1, -2, 1, 0},
                                  {0, 4, 0, -5, 0, 1}}};
constexpr Matrix<6, 3> kOfKernel{{{1.F / 4, 0, 0},
                                  {-1.F / 6, -1.F / 6, -1.F / 6},
                                  {-1.F / 6, 1.F / 6, -1.F / 6},
                                  {1.F / 24, 1.F / 12, 1.F / 6},
                                  {1.F / 24, -1.F / 12, 1.F / 6},
                                  {0, 0, 1}}};
constexpr Matrix<4, 6> kOfOutput{{{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}}};
constexpr Matrix<6, 4> kOfGradient = transposed(kOfOutput);
constexpr Matrix<3, 6> kToKernel = transposed(kOfKernel);

// matrix · in · matrixᵀ.
template <const auto& kMatrix>
struct Sandwich {
  static constexpr int kTo = kMatrix.size(), kFrom = kMatrix[0].size();
  using In = std::array<Lanes, kFrom * kFrom>;
  using Out = std::array<Lanes, kTo * kTo>;

  static OCRDET_AVX2_INLINE void apply(const In& in, Out& out) {
    std::array<Lanes, kTo * kFrom> half;
#pragma GCC unroll 6
    for (int column = 0; column < kFrom; ++column)
#pragma GCC unroll 6
      for (int row = 0; row < kTo; ++row) combine(row, &in[column], kFrom, half[row * kFrom + column]);
#pragma GCC unroll 6
    for (int row = 0; row < kTo; ++row)
#pragma GCC unroll 6
      for (int column = 0; column < kTo; ++column) combine(column, &half[row * kFrom], 1, out[row * kTo + column]);
  }

 private:
  static OCRDET_AVX2_INLINE void combine(int row, const Lanes* in, int step, Lanes& out) {
    Lanes sum{};
#pragma GCC unroll 6
    for (int i = 0; i < kFrom; ++i)
      if (kMatrix[row][i] != 0) sum += kMatrix[row][i] * in[i * step];
    out = sum;
  }
};

OCRDET_AVX2_INLINE std::size_t offsetOf(const Pictures& pictures, int picture, int y, int x) {
  return ((static_cast<std::size_t>(picture) * pictures.height + y) * pictures.width + x) * pictures.channels;
}

// A tile's upper left pixel.
struct Place {
  int picture, top, left;
};

OCRDET_AVX2_INLINE Place placeOf(const Pictures& pictures, int tile) {
  const int columns = pictures.tileColumns(), in_picture = pictures.tileRows() * columns;
  const int rest = tile % in_picture;
  return {tile / in_picture, rest / columns * kTile, rest % columns * kTile};
}

// Squares of kSide pixels, from `border` pixels beyond each tile's upper left one, through the matrix.
template <int kSide, const auto& kMatrix>
OCRDET_AVX2_INLINE void transformSquares(const Pictures& pictures, const float* values, int border, const Block& block,
                                         int row, int rows, float* transformed) {
  static constexpr std::array<float, kLanes> kZeros{};
  for (const int end = row + rows; row < end; ++row) {
    const Place place = placeOf(pictures, block.first + row);
    std::array<const float*, kSide * kSide> pixels;
    for (int i = 0; i < kSide * kSide; ++i) {
      const int y = place.top - border + i / kSide, x = place.left - border + i % kSide;
      const bool inside = y >= 0 && x >= 0 && y < pictures.height && x < pictures.width;
      pixels[i] = inside ? values + offsetOf(pictures, place.picture, y, x) : nullptr;
    }
    float* to = transformed + row * block.rowStep();
    for (int channel = 0; channel < pictures.channels; channel += kLanes) {
      typename Sandwich<kMatrix>::In in;
      typename Sandwich<kMatrix>::Out out;
      for (int i = 0; i < kSide * kSide; ++i) load(pixels[i] != nullptr ? pixels[i] + channel : kZeros.data(), in[i]);
      Sandwich<kMatrix>::apply(in, out);
      for (int i = 0; i < kPoints; ++i) store(out[i], to + i * block.planeStep() + channel);
    }
  }
}

template <int kRows>
OCRDET_AVX2 void multiplyRows(const Factor& left, const float* right, std::size_t right_step, int depth, bool add,
                              float* product, std::size_t product_row) {
  std::array<Lanes, kRows> sums0{}, sums1{};
  const float* from = left.values;
  for (int i = 0; i < depth; ++i, from += left.depth_step, right += right_step) {
    Lanes right0, right1;
    load(right, right0);
    load(right + kLanes, right1);
#pragma GCC unroll 6
    for (int row = 0; row < kRows; ++row) {
      const float factor = from[row * left.row_step];
      sums0[row] += factor * right0;
      sums1[row] += factor * right1;
    }
  }
#pragma GCC unroll 6
  for (int row = 0; row < kRows; ++row, product += product_row) {
    Lanes before0{}, before1{};
    if (add) {
      load(product, before0);
      load(product + kLanes, before1);
    }
    store(before0 + sums0[row], product);
    store(before1 + sums1[row], product + kLanes);
  }
}

}  // namespace

bool supported() {
#if defined(__x86_64__)
  static const bool kSupported = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  return kSupported;
#else
  return false;
#endif
}

OCRDET_AVX2 void transformWindows(const Pictures& pictures, const float* values, const Block& block, int row, int rows,
                                  float* transformed) {
  transformSquares<kWindow, kOfWindow>(pictures, values, 1, block, row, rows, transformed);
}

OCRDET_AVX2 void transformGradients(const Pictures& pictures, const float* values, const Block& block, int row,
                                    int rows, float* transformed) {
  transformSquares<kTile, kOfGradient>(pictures, values, 0, block, row, rows, transformed);
}

OCRDET_AVX2 void restoreTiles(const Pictures& pictures, float* values, const Block& block, int row, int rows,
                              const float* transformed) {
  for (const int end = row + rows; row < end; ++row) {
    const Place place = placeOf(pictures, block.first + row);
    const int height = std::min(kTile, pictures.height - place.top);
    const int width = std::min(kTile, pictures.width - place.left);
    const float* from = transformed + row * block.rowStep();
    float* to = values + offsetOf(pictures, place.picture, place.top, place.left);
    for (int channel = 0; channel < pictures.channels; channel += kLanes) {
      Sandwich<kOfOutput>::In in;
      Sandwich<kOfOutput>::Out out;
      for (int i = 0; i < kPoints; ++i) load(from + i * block.planeStep() + channel, in[i]);
      Sandwich<kOfOutput>::apply(in, out);
      for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) store(out[y * kTile + x], to + offsetOf(pictures, 0, y, x) + channel);
    }
  }
}

OCRDET_AVX2 void transformKernels(const float* values, const Kernels& kernels, int row, int rows, float* transformed) {
  const std::size_t inputs = kernels.rows, outputs = kernels.columns, size = inputs * outputs;
  for (std::size_t input = row; input < static_cast<std::size_t>(row) + rows; ++input)
    for (std::size_t output = 0; output < outputs; output += kLanes) {
      Sandwich<kOfKernel>::In in;
      Sandwich<kOfKernel>::Out out;
      for (int i = 0; i < kKernel * kKernel; ++i) load(values + i * size + input * outputs + output, in[i]);
      Sandwich<kOfKernel>::apply(in, out);
      float* to = transformed + (output / kPanel * inputs + input) * kPanel + output % kPanel;
      for (int i = 0; i < kPoints; ++i) store(out[i], to + i * kernels.planeStep());
    }
}

OCRDET_AVX2 void restoreKernels(const float* transformed, const Kernels& kernels, int row, int rows, float* values) {
  const std::size_t columns = kernels.columns, size = kernels.rows * columns;
  for (std::size_t offset = row * columns; offset < (static_cast<std::size_t>(row) + rows) * columns;
       offset += kLanes) {
    Sandwich<kToKernel>::In in;
    Sandwich<kToKernel>::Out out;
    for (int i = 0; i < kPoints; ++i) load(transformed + i * kernels.planeStep() + offset, in[i]);
    Sandwich<kToKernel>::apply(in, out);
    for (int i = 0; i < kKernel * kKernel; ++i) store(out[i], values + i * size + offset);
  }
}

void multiply(const Factor& left, const float* right, std::size_t right_step, int rows, int depth, bool add,
              float* product, std::size_t product_row) {
  constexpr int kMost = 6;  // 12 sums, two values of the right and a factor take 15 of the 16 registers
  Factor from = left;
  for (; rows >= kMost; rows -= kMost, from.values += kMost * left.row_step, product += kMost * product_row)
    multiplyRows<kMost>(from, right, right_step, depth, add, product, product_row);
  constexpr std::array kRest{multiplyRows<1>, multiplyRows<2>, multiplyRows<3>, multiplyRows<4>, multiplyRows<5>};
  if (rows > 0) kRest[rows - 1](from, right, right_step, depth, add, product, product_row);
}

}  // namespace ocrdet::winograd
