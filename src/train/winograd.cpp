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

// `work(point, channel)` for all points and the first of each kPanel channels.
template <typename Work>
void inPanels(int channels, const Work& work) {
  const int panels = channels / kPanel;
  inParallel(kPoints * panels, [&](int first, int count) {
    for (int i = first; i < first + count; ++i)
      work(static_cast<std::size_t>(i / panels), static_cast<std::size_t>(i % panels) * kPanel);
  });
}

// `work(first, count)` for blocks of tiles one after the other.
template <typename Work>
void inBlocks(int tiles, int block, const Work& work) {
  for (int first = 0; first < tiles; first += block) work(first, std::min(block, tiles - first));
}

// Few enough that their transformed values stay in the processor's cache, but not so few that reading the transformed
// kernels once for each block would take longer. (Of 1 to 12 MB, 3 were the fastest on two cores of an AMD EPYC,
// Zen 3.)
int tilesOfBlock(const Pictures& inputs, const Pictures& outputs) {
  constexpr int kBytes = 3 << 20, kFewest = 96;
  const int of_tile = kPoints * (inputs.channels + outputs.channels) * static_cast<int>(sizeof(float));
  return std::min(inputs.tiles(), std::max(kFewest, kBytes / of_tile));
}

at::Tensor transformedKernels(const at::Tensor& weight, const Kernels& kernels) {
  const at::Tensor values = weight.permute({2, 3, 1, 0}).contiguous();
  at::Tensor transformed = memory(kernels.size());
  const float* from = values.data_ptr<float>();
  float* to = transformed.data_ptr<float>();
  inParallel(kernels.rows, [&](int row, int rows) { winograd::transformKernels(from, kernels, row, rows, to); });
  return transformed;
}

}  // namespace

bool winogradFits(const at::Tensor& x, const at::Tensor& weight) {
  const auto isFloat = [](const at::Tensor& tensor) { return tensor.is_cpu() && tensor.scalar_type() == at::kFloat; };
  return winograd::supported() && isFloat(x) && isFloat(weight) && x.numel() > 0 &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast) && weight.size(0) % kPanel == 0 &&
         weight.size(1) % kPanel == 0 && weight.size(1) == x.size(1) && weight.size(2) == 3 && weight.size(3) == 3;
}

at::Tensor winogradConvolution(const at::Tensor& x, const at::Tensor& weight) {
  at::Tensor y = at::empty({x.size(0), weight.size(0), x.size(2), x.size(3)},
                           x.options().memory_format(at::MemoryFormat::ChannelsLast));
  const Pictures inputs = picturesOf(x), outputs = picturesOf(y);
  const Kernels kernels{inputs.channels, outputs.channels};
  const int block = tilesOfBlock(inputs, outputs);
  const at::Tensor kernel_memory = transformedKernels(weight, kernels);
  const at::Tensor window_memory = memory(Block{0, block, inputs.channels}.size());
  const at::Tensor product_memory = memory(Block{0, block, outputs.channels}.size());
  const float *from = x.data_ptr<float>(), *transformed_kernels = kernel_memory.data_ptr<float>();
  float *windows = window_memory.data_ptr<float>(), *products = product_memory.data_ptr<float>();
  float* to = y.data_ptr<float>();
  inBlocks(inputs.tiles(), block, [&](int first, int count) {
    const Block in{first, count, inputs.channels}, out{first, count, outputs.channels};
    inParallel(count, [&](int row, int rows) { winograd::transformWindows(inputs, from, in, row, rows, windows); });
    inPanels(outputs.channels, [&](std::size_t point, std::size_t channel) {
      const float* panel = transformed_kernels + point * kernels.planeStep() + channel * inputs.channels;
      winograd::multiply({windows + point * in.planeStep(), in.rowStep(), 1}, panel, kPanel, count, inputs.channels,
                         false, products + point * out.planeStep() + channel, out.rowStep());
    });
    inParallel(count, [&](int row, int rows) { winograd::restoreTiles(outputs, to, out, row, rows, products); });
  });
  return y;
}

at::Tensor winogradGradientOfWeight(const at::Tensor& x, const at::Tensor& gradient) {
  const Pictures inputs = picturesOf(x), outputs = picturesOf(gradient);
  const Kernels kernels{outputs.channels, inputs.channels};
  const int block = tilesOfBlock(inputs, outputs);
  const at::Tensor window_memory = memory(Block{0, block, inputs.channels}.size());
  const at::Tensor gradient_memory = memory(Block{0, block, outputs.channels}.size());
  const at::Tensor sum_memory = memory(kernels.size());
  at::Tensor result = at::empty({3, 3, outputs.channels, inputs.channels}, at::kFloat);
  const float *from = x.data_ptr<float>(), *from_gradient = gradient.data_ptr<float>();
  float *windows = window_memory.data_ptr<float>(), *gradients = gradient_memory.data_ptr<float>();
  float *sums = sum_memory.data_ptr<float>(), *to = result.data_ptr<float>();
  inBlocks(inputs.tiles(), block, [&](int first, int count) {
    const Block in{first, count, inputs.channels}, out{first, count, outputs.channels};
    inParallel(count, [&](int row, int rows) {
      winograd::transformWindows(inputs, from, in, row, rows, windows);
      winograd::transformGradients(outputs, from_gradient, out, row, rows, gradients);
    });
    inPanels(inputs.channels, [&](std::size_t point, std::size_t channel) {
      winograd::multiply({gradients + point * out.planeStep(), 1, out.rowStep()},
                         windows + point * in.planeStep() + channel, in.rowStep(), outputs.channels, count, first > 0,
                         sums + point * kernels.planeStep() + channel, inputs.channels);
    });
  });
  inParallel(outputs.channels, [&](int row, int rows) { winograd::restoreKernels(sums, kernels, row, rows, to); });
  return result.permute({2, 3, 0, 1});
}

}  // namespace ocrdet
