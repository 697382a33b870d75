#include "train/winograd.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "train/winograd_kernels.h"

namespace ocrdet {
namespace {

using winograd::Block;
using winograd::Kernels;
using winograd::kPanel;
using winograd::kPoints;
using winograd::Pictures;

Pictures picturesOf(const at::Tensor& x) {
  return {static_cast<int>(x.size(0)), static_cast<int>(x.size(2)), static_cast<int>(x.size(3)),
          static_cast<int>(x.size(1))};
}

at::Tensor memory(std::size_t size) {
  return at::empty({static_cast<std::int64_t>(size)}, at::kFloat);
}

// `work(first, count)` for parts of 0 … `count` − 1.
template <typename Work>
void inParallel(int count, const Work& work) {
  at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
    work(static_cast<int>(begin), static_cast<int>(end - begin));
  });
}

// `work(first, count)` for blocks of tiles one after the other: their transformed values stay in the processor's cache,
// but they are not so few that reading the transformed kernels for each block would take longer.
template <typename Work>
void inBlocks(int tiles, int block, const Work& work) {
  for (int first = 0; first < tiles; first += block) work(first, std::min(block, tiles - first));
}

int tilesOfBlock(const Pictures& inputs, const Pictures& outputs) {
  constexpr int kBytes = 3 << 20, kFewest = 96;
  const int of_tile = kPoints * (inputs.channels + outputs.channels) * static_cast<int>(sizeof(float));
  return std::min(inputs.tiles(), std::max(kFewest, kBytes / of_tile));
}

at::Tensor transformedKernels(const at::Tensor& weight, const Kernels& kernels) {
  const at::Tensor values = weight.permute({2, 3, 1, 0}).contiguous();
  at::Tensor transformed = memory(kernels.size());
  inParallel(kernels.rows, [&](int row, int rows) {
    winograd::transformKernels(values.data_ptr<float>(), kernels, row, rows, transformed.data_ptr<float>());
  });
  return transformed;
}

}  // namespace

bool winogradFits(const at::Tensor& x, const at::Tensor& weight) {
  return winograd::supported() && x.is_cpu() && x.scalar_type() == at::kFloat &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast) && weight.size(0) % kPanel == 0 &&
         weight.size(1) % kPanel == 0 && weight.size(2) == 3 && weight.size(3) == 3;
}

at::Tensor winogradConvolution(const at::Tensor& x, const at::Tensor& weight) {
  at::Tensor y = at::empty({x.size(0), weight.size(0), x.size(2), x.size(3)},
                           x.options().memory_format(at::MemoryFormat::ChannelsLast));
  const Pictures inputs = picturesOf(x), outputs = picturesOf(y);
  const Kernels kernels{inputs.channels, outputs.channels};
  const at::Tensor transformed_kernels = transformedKernels(weight, kernels);
  const int block = tilesOfBlock(inputs, outputs), panels = outputs.channels / kPanel;
  const at::Tensor window_memory = memory(Block{0, block, inputs.channels}.size());
  const at::Tensor product_memory = memory(Block{0, block, outputs.channels}.size());
  float *windows = window_memory.data_ptr<float>(), *products = product_memory.data_ptr<float>();
  inBlocks(inputs.tiles(), block, [&](int first, int count) {
    const Block in{first, count, inputs.channels}, out{first, count, outputs.channels};
    inParallel(count, [&](int row, int rows) {
      winograd::transformWindows(inputs, x.data_ptr<float>(), in, row, rows, windows);
    });
    inParallel(kPoints * panels, [&](int begin, int number) {
      for (int i = begin; i < begin + number; ++i) {
        const std::size_t point = i / panels, panel = i % panels * kPanel;
        const float* kernel = transformed_kernels.data_ptr<float>() + point * kernels.plane() + panel * inputs.channels;
        winograd::multiply({windows + point * in.plane(), in.row(), 1}, kernel, kPanel, count, inputs.channels, false,
                           products + point * out.plane() + panel, out.row());
      }
    });
    inParallel(count, [&](int row, int rows) {
      winograd::restoreTiles(outputs, y.data_ptr<float>(), out, row, rows, products);
    });
  });
  return y;
}

at::Tensor winogradGradientOfWeight(const at::Tensor& x, const at::Tensor& gradient) {
  const Pictures inputs = picturesOf(x), outputs = picturesOf(gradient);
  const Kernels kernels{outputs.channels, inputs.channels};
  const int block = tilesOfBlock(inputs, outputs), panels = inputs.channels / kPanel;
  const at::Tensor window_memory = memory(Block{0, block, inputs.channels}.size());
  const at::Tensor gradient_memory = memory(Block{0, block, outputs.channels}.size());
  const at::Tensor sum_memory = memory(kernels.size());
  float *windows = window_memory.data_ptr<float>(), *gradients = gradient_memory.data_ptr<float>();
  float* sums = sum_memory.data_ptr<float>();
  inBlocks(inputs.tiles(), block, [&](int first, int count) {
    const Block in{first, count, inputs.channels}, out{first, count, outputs.channels};
    inParallel(count, [&](int row, int rows) {
      winograd::transformWindows(inputs, x.data_ptr<float>(), in, row, rows, windows);
      winograd::transformGradients(outputs, gradient.data_ptr<float>(), out, row, rows, gradients);
    });
    inParallel(kPoints * panels, [&](int begin, int number) {
      for (int i = begin; i < begin + number; ++i) {
        const std::size_t point = i / panels, panel = i % panels * kPanel;
        winograd::multiply({gradients + point * out.plane(), 1, out.row()}, windows + point * in.plane() + panel,
                           in.row(), outputs.channels, count, first > 0, sums + point * kernels.plane() + panel,
                           inputs.channels);
      }
    });
  });
  at::Tensor values = at::empty({3, 3, outputs.channels, inputs.channels}, at::kFloat);
  inParallel(outputs.channels,
             [&](int row, int rows) { winograd::restoreKernels(sums, kernels, row, rows, values.data_ptr<float>()); });
  return values.permute({2, 3, 0, 1});
}

}  // namespace ocrdet
