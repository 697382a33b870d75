#include "train/convolution.h"

#include <array>

#include "train/winograd.h"

namespace ocrdet {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

enum Wanted { kOfInput, kOfWeight };

at::Tensor gradientOf(Wanted wanted, const at::Tensor& gradient, const at::Tensor& x, const at::Tensor& weight,
                      std::int64_t stride, std::int64_t padding) {
  const auto gradients = at::convolution_backward(gradient, x, weight, {}, {stride, stride}, {padding, padding}, {1, 1},
                                                  false, {0, 0}, 1, {wanted == kOfInput, wanted == kOfWeight, false});
  return wanted == kOfInput ? std::get<0>(gradients) : std::get<1>(gradients);
}

struct LearntFromPlanes : torch::autograd::Function<LearntFromPlanes> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            std::int64_t stride, std::int64_t padding) {
    context->save_for_backward({x, weight});
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    context->saved_data["goes_on"] = x.requires_grad();
    return at::conv2d(x, weight, {}, stride, padding);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], &gradient = gradients[0];
    const std::int64_t stride = context->saved_data["stride"].toInt(), padding = context->saved_data["padding"].toInt();
    at::Tensor of_input;
    if (context->saved_data["goes_on"].toBool()) of_input = gradientOf(kOfInput, gradient, x, weight, stride, padding);
    const at::Tensor of_weight =
        gradientOf(kOfWeight, gradient.contiguous(), x.contiguous(), weight.contiguous(), stride, padding);
    return {of_input, of_weight, at::Tensor(), at::Tensor()};
  }
};

// The gradient of the input is the convolution of the output's with the kernels turned by 180°, inputs and outputs
// exchanged.
struct ByWinograd : torch::autograd::Function<ByWinograd> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight) {
    context->save_for_backward({x, weight});
    context->saved_data["goes_on"] = x.requires_grad();
    context->saved_data["learns"] = weight.requires_grad();
    return winogradConvolution(x, weight);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1];
    const at::Tensor gradient = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    at::Tensor of_input, of_weight;
    if (context->saved_data["goes_on"].toBool())
      of_input = winogradConvolution(gradient, weight.flip({2, 3}).transpose(0, 1));
    if (context->saved_data["learns"].toBool()) of_weight = winogradGradientOfWeight(x, gradient);
    return {of_input, of_weight};
  }
};

bool hasAvx512() {
#if defined(__x86_64__)
  static const bool kHasAvx512 = __builtin_cpu_supports("avx512f") != 0;
  return kHasAvx512;
#else
  return false;
#endif
}

// The kernels are transformed anew each time, which pays from about a hundred tiles of 4×4 pixels on, whatever the
// number of channels (measured on an AMD EPYC, Zen 3). With AVX-512 oneDNN multiplies twice as fast as
// winograd_kernels, which makes no use of it.
bool fasterByWinograd(const at::Tensor& x, const at::Tensor& weight, std::int64_t stride, std::int64_t padding) {
  constexpr std::int64_t kFewestPixels = 96 * 16;
  return !hasAvx512() && stride == 1 && padding == 1 && winogradFits(x, weight) &&
         x.size(0) * x.size(2) * x.size(3) >= kFewestPixels;
}

// oneDNN has no fast way from channels that lie side by side to the gradient of a kernel larger than 1×1 without
// AVX-512: from planes it takes half to a third of the time, copies included. All else is no slower side by side.
bool learnsFasterFromPlanes(const at::Tensor& x, const at::Tensor& weight) {
  return !hasAvx512() && weight.requires_grad() && weight.size(2) > 1 && x.is_cpu() && x.scalar_type() == at::kFloat &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight, int stride, int padding) {
  if (fasterByWinograd(x, weight, stride, padding)) return convolutionByWinograd(x, weight);
  if (learnsFasterFromPlanes(x, weight)) return convolutionLearntFromPlanes(x, weight, stride, padding);
  return at::conv2d(x, weight, {}, stride, padding);
}

at::Tensor convolutionLearntFromPlanes(const at::Tensor& x, const at::Tensor& weight, int stride, int padding) {
  return LearntFromPlanes::apply(x, weight, stride, padding);
}

at::Tensor convolutionByWinograd(const at::Tensor& x, const at::Tensor& weight) {
  TORCH_CHECK(winogradFits(x, weight), "these tensors do not fit Winograd's minimal filtering");
  return ByWinograd::apply(x, weight);
}

}  // namespace ocrdet
