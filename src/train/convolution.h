// Convolutions with the gradient of the weights computed in the memory format that is fastest for it.
#pragma once

#include <torch/torch.h>

namespace ocrdet {

// at::conv2d without bias. `x`: [N, C, H, W]; `weight`: [K, C, kernel, kernel].
at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight, int stride, int padding);

// The same, and the same gradients but for rounding: that of the weights is computed from planes (NCHW) whatever the
// format of `x`, the rest in that format.
at::Tensor convolutionLearntFromPlanes(const at::Tensor& x, const at::Tensor& weight, int stride, int padding);

}  // namespace ocrdet
