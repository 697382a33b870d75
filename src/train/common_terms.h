// What several processes must have in common to train as one. Their weights are never sent: they stay equal only if
// they start equal and move alike.
#pragma once

#include <string>
#include <vector>

#include "tensor/tensor.h"
#include "train/training_options.h"
#include "train/training_source.h"
#include "train/training_state.h"

namespace ocrdet {

// Lines of `name = value`: the options that bear on the result, the number type ("Float") that each machine chose,
// pictures and texts of every source, steps and epochs, and a hash of `state` (weights and the optimizer's memory).
std::string commonTerms(const TrainingOptions& options, const std::string& number_type,
                        const std::vector<WeightedSource>& sources, std::int64_t steps_per_epoch,
                        const Standing& standing, const std::vector<NamedTensor>& state);

}  // namespace ocrdet
