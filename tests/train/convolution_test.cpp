#include "train/convolution.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "train/winograd.h"
#include "train/winograd_kernels.h"

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

// LibTorch's own convolution is the oracle; both memory formats, the strides and kernels of the network, on both sides
// of what is faster by Winograd. Channels in eights, as the network has them: of five, LibTorch 1.13 writes gradients
// beyond their memory.
TEST(Convolution, HasLibTorchsGradients) {
  at::manual_seed(1);
  for (const auto format : {at::MemoryFormat::ChannelsLast, at::MemoryFormat::Contiguous}) {
    for (const auto& [channels, outputs, height, kernel, stride, padding] :
         {std::tuple{16, 8, 18, 3, 1, 1}, std::tuple{16, 8, 18, 3, 2, 1}, std::tuple{3, 8, 18, 7, 2, 3},
          std::tuple{16, 8, 18, 1, 2, 0}, std::tuple{16, 16, 40, 3, 1, 1}, std::tuple{16, 16, 40, 3, 2, 1},
          std::tuple{16, 16, 40, 3, 1, 0}}) {
      const at::Tensor x = at::randn({2, channels, height, 22}).contiguous(format);
      const at::Tensor weight = at::randn({outputs, channels, kernel, kernel}).contiguous(format);
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

// Four outputs at a time cost about 1e-5 of the largest value in rounding; three times that is allowed. Sizes with
// incomplete tiles, several blocks of tiles and rows that are no multiple of six among them.
TEST(Convolution, HasLibTorchsGradientsByWinograd) {
  if (!winograd::supported()) GTEST_SKIP() << "This processor has no AVX2.";
  at::manual_seed(1);
  for (const auto& [count, inputs, outputs, height, width] :
       {std::tuple{1, 16, 16, 1, 1}, std::tuple{2, 16, 48, 18, 23}, std::tuple{3, 64, 32, 40, 52},
        std::tuple{1, 256, 64, 33, 48}}) {
    const at::Tensor x = at::randn({count, inputs, height, width}).contiguous(at::MemoryFormat::ChannelsLast);
    for (const auto format : {at::MemoryFormat::ChannelsLast, at::MemoryFormat::Contiguous}) {
      const at::Tensor weight = at::randn({outputs, inputs, 3, 3}).contiguous(format);
      const auto expected =
          gradientsOf([](const auto& a, const auto& b) { return at::conv2d(a, b, {}, 1, 1); }, x, weight);
      const auto found = gradientsOf(convolutionByWinograd, x, weight);
      const auto difference = [](const at::Tensor& a, const at::Tensor& b) {
        return ((a - b).abs().max() / b.abs().max()).item<float>();
      };
      EXPECT_LT(difference(found.output, expected.output), 3e-5) << height << " " << width;
      EXPECT_LT(difference(found.of_input, expected.of_input), 3e-5) << height << " " << width;
      EXPECT_LT(difference(found.of_weight, expected.of_weight), 3e-5) << height << " " << width;
      EXPECT_TRUE(found.of_weight.is_contiguous(format)) << "as the weight lies, so that optimizers run through it";
    }
  }
}

// A run that goes on with another number of threads stays the same run.
TEST(Convolution, DoesNotDependOnTheNumberOfThreadsByWinograd) {
  if (!winograd::supported()) GTEST_SKIP() << "This processor has no AVX2.";
  const at::Tensor x = at::randn({2, 32, 44, 44}).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor weight = at::randn({32, 32, 3, 3});
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

TEST(Convolution, RefusesByWinogradWhatDoesNotFit) {
  const at::Tensor x = at::randn({1, 16, 8, 8}).contiguous(at::MemoryFormat::ChannelsLast);
  EXPECT_EQ(winogradFits(x, at::randn({32, 16, 3, 3})), winograd::supported());
  for (const auto& [pictures, weight] :
       {std::pair{x.contiguous(), at::randn({16, 16, 3, 3})}, std::pair{x.to(at::kBFloat16), at::randn({16, 16, 3, 3})},
        std::pair{x, at::randn({24, 16, 3, 3})}, std::pair{x, at::randn({16, 16, 1, 1})},
        std::pair{x, at::randn({16, 32, 3, 3})}, std::pair{x.narrow(0, 0, 0), at::randn({16, 16, 3, 3})}}) {
    EXPECT_FALSE(winogradFits(pictures, weight)) << pictures.sizes() << " " << weight.sizes();
    EXPECT_THROW(convolutionByWinograd(pictures, weight), c10::Error);
  }
}

// As the first layer meets pictures, and all layers a frozen backbone.
TEST(Convolution, LeavesAloneWhatNeedsNoGradient) {
  const at::Tensor x = at::randn({1, 16, 16, 16}).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor weight = at::randn({16, 16, 3, 3});
  std::vector<std::function<at::Tensor(const at::Tensor&, const at::Tensor&)>> ways{
      [](const auto& a, const auto& b) { return convolutionLearntFromPlanes(a, b, 1, 1); }};
  if (winograd::supported()) ways.emplace_back(convolutionByWinograd);
  for (const auto& convolve : ways) {
    const at::Tensor learns = weight.clone().requires_grad_(), goes_on = x.clone().requires_grad_();
    convolve(x, learns).sum().backward();
    EXPECT_TRUE(learns.grad().defined());
    EXPECT_FALSE(x.grad().defined());
    convolve(goes_on, weight).sum().backward();
    EXPECT_TRUE(goes_on.grad().defined());
    EXPECT_FALSE(weight.grad().defined());
    EXPECT_FALSE(convolve(x, weight).requires_grad());
  }
}

}  // namespace
}  // namespace ocrdet
