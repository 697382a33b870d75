// The three losses of DB and how they add up: 5 · text + 10 · border + 1 · dice.
//
//   text    binary cross-entropy on the text map, over all positives and the worst negatives, three to one, chosen over
//           the whole batch
//   border  mean absolute difference to the border map, where it is learnt
//   dice    1 − overlap of the text map with the binarised map 1 / (1 + exp(−50 (P − T)))
//
// A teacher adds 5 · its own cross-entropy, balanced in the same way, with its probabilities as the goal.
//
// Computed in float32 from logits, whatever the network ran in. Sums run over the batch of all processes.
#pragma once

#include <torch/torch.h>

#include <functional>

#include "train/network.h"
#include "train/training_options.h"

namespace ocrdet {

// All [N, H, W] float; text and masks are 0 or 1. A picture whose ground truth is unknown has empty masks: only the
// teacher's map says something about it. `teacher` (probabilities of another model) may be undefined.
struct BatchTargets {
  at::Tensor text, text_mask, border, border_mask;
  at::Tensor teacher;
};

// Scalars, of all processes together.
struct Losses {
  at::Tensor total, text, border, dice;
  at::Tensor teacher;  // undefined without one
};

// How several processes act as one; a process alone needs none of it.
struct SharedSums {
  std::function<at::Tensor(const at::Tensor&)> sum;     // over all processes, differentiable
  std::function<at::Tensor(const at::Tensor&)> gather;  // one-dimensional tensors of any length, of all, joined
};

Losses computeLosses(const NetworkOutput& output, const BatchTargets& targets, const LossWeights& weights,
                     const SharedSums& shared = {});

}  // namespace ocrdet
