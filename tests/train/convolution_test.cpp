#include "train/convolution.h"

#include <gtest/gtest.h>

#include <functional>

#include "train/winograd.h"

namespace ocrdet {
namespace {

struct Gradients {
  at::Tensor output, of_input, of_weight;
};

Gradients gradientsOf(const std::function<at::Tensor(const at::Tensor&, const at::Tensor&)>& convolve, at::Tensor x,
                      at::Tensor weight) {
  x = x.detach().clone().requires_grad_();
  weight = weight.detach().clone().requires_grad_();
  const at::Tensor output = convolve(x, weight);
  (output * at::arange(output.numel(), at::kFloat).view(output.sizes()).sin()).sum().backward();
  return {output, x.grad(), weight.grad()};
}

// LibTorch's own convolution is the oracle; both memory formats, the strides and kernels of the network. Channels in
// eights, as the network has them: of five, LibTorch 1.13 writes gradients beyond their memory.
TEST(Convolution, HasLibTorchsGradients) {
  at::manual_seed(1);
  for (const auto format : {at::MemoryFormat::ChannelsLast, at::MemoryFormat::Contiguous}) {
    for (const auto& [channels, kernel, stride, padding] :
         {std::tuple{16, 3, 1, 1}, std::tuple{16, 3, 2, 1}, std::tuple{3, 7, 2, 3}, std::tuple{16, 1, 2, 0}}) {
      const at::Tensor x = at::randn({2, channels, 18, 22}).contiguous(format);
      const at::Tensor weight = at::randn({8, channels, kernel, kernel}).contiguous(format);
      const auto expected =
          gradientsOf([&](const auto& a, const auto& b) { return at::conv2d(a, b, {}, stride, padding); }, x, weight);
      for (const auto convolve : {convolution, convolutionLearntFromPlanes}) {
        const auto found =
            gradientsOf([&](const auto& a, const auto& b) { return convolve(a, b, stride, padding); }, x, weight);
        EXPECT_TRUE(at::allclose(found.output, expected.output, 1e-4, 1e-4)) << kernel << " " << stride;
        EXPECT_TRUE(at::allclose(found.of_input, expected.of_input, 1e-4, 1e-4)) << kernel << " " << stride;
        EXPECT_TRUE(at::allclose(found.of_weight, expected.of_weight, 1e-4, 1e-3)) << kernel << " " << stride;
        EXPECT_TRUE(found.of_weight.is_contiguous(format)) << "as the weight lies, so that optimizers run through it";
      }
    }
  }
}

// 1e-5 of the largest value is what four outputs at a time cost in rounding. Sizes with incomplete tiles, several
// blocks of tiles and sums in several parts among them.
TEST(Convolution, HasLibTorchsGradientsByWinograd) {
  at::manual_seed(1);
  for (const auto& [count, inputs, outputs, height, width] :
       {std::tuple{1, 16, 16, 1, 1}, std::tuple{2, 16, 48, 18, 23}, std::tuple{3, 64, 32, 40, 52},
        std::tuple{1, 256, 64, 33, 48}}) {
    const at::Tensor x = at::randn({count, inputs, height, width}).contiguous(at::MemoryFormat::ChannelsLast);
    for (const auto format : {at::MemoryFormat::ChannelsLast, at::MemoryFormat::Contiguous}) {
      const at::Tensor weight = at::randn({outputs, inputs, 3, 3}).contiguous(format);
      if (!winogradFits(x, weight)) GTEST_SKIP() << "This processor has no AVX2.";
      const auto expected =
          gradientsOf([](const auto& a, const auto& b) { return at::conv2d(a, b, {}, 1, 1); }, x, weight);
      const auto found = gradientsOf(convolutionByWinograd, x, weight);
      const auto near = [&](const at::Tensor& a, const at::Tensor& b) {
        return ((a - b).abs().max() / b.abs().max()).item<float>();
      };
      EXPECT_LT(near(found.output, expected.output), 3e-5) << height << " " << width;
      EXPECT_LT(near(found.of_input, expected.of_input), 3e-5) << height << " " << width;
      EXPECT_LT(near(found.of_weight, expected.of_weight), 6e-5) << height << " " << width;
      EXPECT_TRUE(found.of_weight.is_contiguous(format)) << "as the weight lies, so that optimizers run through it";
    }
  }
}

// A run that goes on with another number of threads stays the same run.
TEST(Winograd, DoesNotDependOnTheNumberOfThreads) {
  const at::Tensor x = at::randn({2, 32, 44, 44}).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor weight = at::randn({32, 32, 3, 3});
  if (!winogradFits(x, weight)) GTEST_SKIP() << "This processor has no AVX2.";
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const auto one = gradientsOf(convolutionByWinograd, x, weight);
  at::set_num_threads(3);
  const auto three = gradientsOf(convolutionByWinograd, x, weight);
  at::set_num_threads(threads);
  EXPECT_TRUE(one.output.equal(three.output));
  EXPECT_TRUE(one.of_input.equal(three.of_input));
  EXPECT_TRUE(one.of_weight.equal(three.of_weight));
}

TEST(Winograd, FitsFloatsSideBySideInSixteensAlone) {
  const auto fits = [](const at::Tensor& x, const at::Tensor& weight) { return winogradFits(x, weight); };
  const at::Tensor x = at::randn({1, 16, 8, 8}).contiguous(at::MemoryFormat::ChannelsLast);
  EXPECT_FALSE(fits(x.contiguous(), at::randn({16, 16, 3, 3})));
  EXPECT_FALSE(fits(x.to(at::kBFloat16), at::randn({16, 16, 3, 3})));
  EXPECT_FALSE(fits(x, at::randn({24, 16, 3, 3})));
  EXPECT_FALSE(fits(x, at::randn({16, 16, 1, 1})));
}

TEST(Convolution, LeavesPicturesWithoutGradient) {
  const at::Tensor x = at::randn({1, 3, 16, 16}).contiguous(at::MemoryFormat::ChannelsLast);
  at::Tensor weight = at::randn({4, 3, 3, 3}).requires_grad_();
  convolutionLearntFromPlanes(x, weight, 1, 1).sum().backward();
  EXPECT_TRUE(weight.grad().defined());
  EXPECT_FALSE(x.grad().defined());
}

}  // namespace
}  // namespace ocrdet
