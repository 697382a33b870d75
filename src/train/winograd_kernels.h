// Winograd's minimal filtering F(4×4, 3×3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016)
// on plain memory, for x86-64 processors with AVX2 and FMA: a tile of 4×4 outputs from a window of 6×6 inputs with 36
// products instead of 144. winograd.cpp puts the parts together.
#pragma once

#include <cstddef>

namespace ocrdet::winograd {

inline constexpr int kTile = 4;                    // outputs of a window, in each direction
inline constexpr int kWindow = kTile + 2;          // inputs of a window, in each direction
inline constexpr int kPoints = kWindow * kWindow;  // products of a window
inline constexpr int kPanel = 16;                  // channels that are multiplied at a time

// True where these functions can run.
bool supported();

// Pictures [count, height, width, channels]; tiles are numbered row by row, picture by picture, incomplete ones at the
// right and lower borders included. `channels` is a multiple of kPanel.
struct Pictures {
  int count, height, width, channels;

  int tileRows() const { return (height + kTile - 1) / kTile; }
  int tileColumns() const { return (width + kTile - 1) / kTile; }
  int tiles() const { return count * tileRows() * tileColumns(); }
};

// Tiles `first` … `first + count − 1`, transformed: planes [kPoints] of rows [count] of channels, with gaps between, so
// that the values of one channel do not share their places in the cache.
struct Block {
  int first, count, channels;

  std::size_t rowStep() const { return channels + kPanel; }
  std::size_t planeStep() const { return count * rowStep() + kPanel; }
  std::size_t size() const { return kPoints * planeStep(); }
};

// Kernels, transformed: planes [kPoints] of rows · columns values, with gaps between for the same reason. The columns
// are what is multiplied side by side: outputs in the convolution, inputs in the gradient of the kernels.
struct Kernels {
  int rows, columns;

  std::size_t planeStep() const { return static_cast<std::size_t>(rows) * columns + kPanel; }
  std::size_t size() const { return kPoints * planeStep(); }
};

// Of the block's rows `row` … `row + rows − 1` the windows of the pictures, which are zero outside.
void transformWindows(const Pictures& pictures, const float* values, const Block& block, int row, int rows,
                      float* transformed);

// From the same rows of transformed outputs to the pictures.
void restoreTiles(const Pictures& pictures, float* values, const Block& block, int row, int rows,
                  const float* transformed);

// The transpose of restoreTiles: from gradients of the pictures to those of transformed outputs.
void transformGradients(const Pictures& pictures, const float* values, const Block& block, int row, int rows,
                        float* transformed);

// Of kernels [3, 3, inputs, outputs] the inputs `row` … to planes [outputs / kPanel][inputs][kPanel].
void transformKernels(const float* values, const Kernels& kernels, int row, int rows, float* transformed);

// The transpose for gradients, of the rows `row` …: planes [rows][columns] to [3, 3, rows, columns].
void restoreKernels(const float* transformed, const Kernels& kernels, int row, int rows, float* values);

// A matrix whose element (row, depth) lies at row · row_step + depth · depth_step.
struct Factor {
  const float* values;
  std::size_t row_step, depth_step;
};

// [rows, kPanel] at `product`, rows `product_row` apart: `left` · `right` over `depth`, added to what is there if so
// said. `right` has rows of kPanel values side by side, `right_step` apart.
void multiply(const Factor& left, const float* right, std::size_t right_step, int rows, int depth, bool add,
              float* product, std::size_t product_row);

}  // namespace ocrdet::winograd
