#include "train/losses.h"

#include <algorithm>
#include <cmath>

#include "model/architecture.h"

namespace ocrdet {
namespace {

constexpr double kTiny = 1e-6;  // keeps quotients of empty sums finite, as the originals do

at::Tensor summed(const at::Tensor& values, const SharedSums& shared) {
  return shared.sum ? shared.sum(values) : values;
}

// Weights that pick the `count` largest of all processes' candidates: 1 above the smallest of them, a share at ties.
at::Tensor pickLargest(const at::Tensor& values, const at::Tensor& candidates, std::int64_t count,
                       const SharedSums& shared) {
  const at::Tensor own = values.masked_select(candidates);
  const auto largest = [](const at::Tensor& from, std::int64_t wanted) {
    return std::get<0>(from.topk(std::min(wanted, from.numel()), 0, true, false));
  };
  at::Tensor best = largest(own, count);
  if (shared.gather) best = largest(shared.gather(best), count);
  const at::Tensor smallest = best.min();
  const at::Tensor above = candidates & (values > smallest), equal = candidates & (values == smallest);
  const at::Tensor counts = summed(at::stack({above.sum(), equal.sum()}).to(at::kFloat), shared).to(at::kDouble);
  const at::Tensor share = (static_cast<double>(count) - counts[0]) / counts[1];
  return above.to(at::kFloat) + equal.to(at::kFloat) * share.to(at::kFloat);
}

// Cross-entropy with `goal` over all positives and the worst negatives of the whole batch.
at::Tensor balancedCrossEntropy(const at::Tensor& logits, const at::Tensor& goal, const at::Tensor& positive,
                                const at::Tensor& negative, double negatives_per_positive, const SharedSums& shared) {
  const at::Tensor each = at::binary_cross_entropy_with_logits(logits, goal, {}, {}, at::Reduction::None);
  at::Tensor weight = positive.to(at::kFloat);
  const at::Tensor counts = summed(at::stack({positive.sum(), negative.sum()}).to(at::kFloat), shared).to(at::kCPU);
  const double positives = counts[0].item<double>(), negatives = counts[1].item<double>();
  const double hard = std::min(negatives, std::floor(positives * negatives_per_positive));
  if (hard > 0) {
    const torch::NoGradGuard no_gradients;
    weight = weight + pickLargest(each, negative, static_cast<std::int64_t>(hard), shared);
  }
  return summed((each * weight).sum(), shared) / (positives + hard + kTiny);
}

}  // namespace

Losses computeLosses(const NetworkOutput& output, const BatchTargets& targets, const LossWeights& weights,
                     const SharedSums& shared) {
  const at::Tensor logits = output.text_logits.squeeze(1).to(at::kFloat);
  const at::Tensor probability = logits.sigmoid();
  const at::Tensor border = output.border_logits.squeeze(1).to(at::kFloat).sigmoid();
  const at::Tensor binary = ((probability - border) * kBinarisationSteepness).sigmoid();
  const at::Tensor masked_text = targets.text * targets.text_mask;

  Losses losses;
  losses.text = balancedCrossEntropy(logits, targets.text, masked_text > 0, (1 - targets.text) * targets.text_mask > 0,
                                     weights.negatives_per_positive, shared);
  const at::Tensor sums =
      summed(at::stack({((border - targets.border).abs() * targets.border_mask).sum(), targets.border_mask.sum(),
                        (binary * masked_text).sum(), (binary * targets.text_mask).sum(), masked_text.sum()}),
             shared);
  losses.border = sums[0] / sums[1].clamp_min(1);  // an empty mask gives 0
  losses.dice = 1 - 2 * sums[2] / (sums[3] + sums[4] + kTiny);
  losses.total = weights.text * losses.text + weights.border * losses.border + weights.dice * losses.dice;
  if (targets.teacher.defined()) {
    // The teacher's own idea of text; below that everything counts as background.
    const at::Tensor text = targets.teacher > 0.3;
    losses.teacher = balancedCrossEntropy(logits, targets.teacher, text, ~text, weights.negatives_per_positive, shared);
    losses.total = losses.total + weights.teacher * losses.teacher;
  }
  return losses;
}

}  // namespace ocrdet
