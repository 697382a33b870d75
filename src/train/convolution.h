// Convolutions, and their gradients, in the way that is fastest on the processor at hand.
#pragma once

#include <torch/torch.h>

namespace ocrdet {

// at::conv2d without bias. `x`: [N, C, H, W]; `weight`: [K, C, kernel, kernel].
at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight, int stride, int padding);

// The same, and the same gradients but for rounding: that of the weights is computed from planes (NCHW) whatever the
// format of `x`, the rest in that format.
at::Tensor convolutionLearntFromPlanes(const at::Tensor& x, const at::Tensor& weight, int stride, int padding);

// The same at stride 1 and padding 1, once differentiable: output and both gradients are computed by winograd.h.
// `winogradFits(x, weight)` must hold; throws c10::Error otherwise.
at::Tensor convolutionByWinograd(const at::Tensor& x, const at::Tensor& weight);

}  // namespace ocrdet
