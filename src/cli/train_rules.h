// What the options of training must satisfy, as tables: each number's range, and what options ask of each other.
#pragma once

#include <vector>

#include "ocrdet/error.h"
#include "train/training_options.h"

namespace ocrdet::cli {

// Every rule that is broken, with the number that broke it and one that would do.
std::vector<Problem> brokenRules(const TrainingOptions& options);

}  // namespace ocrdet::cli
