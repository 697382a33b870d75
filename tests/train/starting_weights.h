// The formula weights as the trainer starts from them.
#pragma once

#include "support/formula_weights.h"
#include "train/weights.h"

namespace ocrdet::test {

inline Weights startingWeights() {
  Weights weights;
  for (const auto& [name, tensor] : formulaStateDict().tensors) weights[name] = tensor;
  return weights;
}

}  // namespace ocrdet::test
