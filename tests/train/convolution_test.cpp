#include "train/convolution.h"

#include <gtest/gtest.h>

#include <functional>

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

TEST(Convolution, LeavesPicturesWithoutGradient) {
  const at::Tensor x = at::randn({1, 3, 16, 16}).contiguous(at::MemoryFormat::ChannelsLast);
  at::Tensor weight = at::randn({4, 3, 3, 3}).requires_grad_();
  convolutionLearntFromPlanes(x, weight, 1, 1).sum().backward();
  EXPECT_TRUE(weight.grad().defined());
  EXPECT_FALSE(x.grad().defined());
}

}  // namespace
}  // namespace ocrdet
