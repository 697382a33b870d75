// The state of a run in one file: weights, their average, the optimizer's memory, and where the run stands. A
// safetensors file with checksums in its metadata, so that half a file or a flipped bit is noticed.
//
// Random numbers need no state: every draw follows from the seed and the number of its batch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "contract/file_contract.h"
#include "tensor/tensor.h"

namespace ocrdet {

// What a run has seen of its data and its hmeans so far (symptoms.h), for messages about what goes wrong.
struct Observations {
  bool text_learnt = false;
  int pictures_left_out = 0;  // before that: with texts, none of which could be learnt
  std::int64_t texts_left_out = 0;
  int epochs_at_zero = 0;

  bool operator==(const Observations&) const = default;
};

struct Standing {
  std::int64_t step = 0;  // steps done
  std::int64_t steps_per_epoch = 0;
  int batch = 0;  // pictures in a step; 0: a state of before this was kept
  int epoch = 0;  // epochs done and validated; a state is saved between the two as well
  double first_hmean = -1, best_hmean = -1;
  int best_epoch = 0;      // whose weights are the best ones
  int gain_epoch = 0;      // of the last better hmean; later weights that find nothing, either, are no gain
  std::string validation;  // what the hmeans are of (toText of the sets)
  double seconds = 0, waited = 0;
  // Sums over the steps of the running epoch, for its line in the log.
  double loss = 0, text = 0, border = 0, dice = 0, teacher = 0;
  double epoch_seconds = 0, epoch_waited = 0;

  Observations seen;
  BoxSettings boxes;  // of the initial weights

  bool operator==(const Standing&) const = default;
};

// Of a run that starts, notes how its steps are counted; of one that goes on, throws train.resume-differs when they
// would be counted otherwise.
void takeSteps(Standing& standing, std::int64_t steps_per_epoch, int batch);

struct TrainingState {
  Standing standing;
  std::vector<NamedTensor> tensors;
};

void writeState(const std::filesystem::path& path, const TrainingState& state);

// Throws train.state-damaged, and what readCheckpoint throws.
TrainingState readState(const std::filesystem::path& path);

}  // namespace ocrdet
