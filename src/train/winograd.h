// 3×3 convolutions at stride 1, and their gradients, by Winograd's minimal filtering, with a quarter of the products:
// training without AVX-512 takes two thirds of the time.
#pragma once

#include <torch/torch.h>

namespace ocrdet {

// True if the two functions below can take `x` [N, C, H, W] and `weight` [K, C, 3, 3]: float32 on a processor with
// AVX2, channels side by side and in sixteens.
bool winogradFits(const at::Tensor& x, const at::Tensor& weight);

// at::conv2d(x, weight, {}, 1, 1), [N, K, H, W] with channels side by side, but for rounding (1e-5 of the largest).
at::Tensor winogradConvolution(const at::Tensor& x, const at::Tensor& weight);

// The gradient of the weights [K, C, 3, 3] of that convolution, from the gradient [N, K, H, W] of its output; of both
// tensors the channels lie side by side.
at::Tensor winogradGradientOfWeight(const at::Tensor& x, const at::Tensor& gradient);

}  // namespace ocrdet
