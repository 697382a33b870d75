// Batches, made ahead of time by worker threads.
//
// What batch number n holds follows from the seed and n alone: how many threads work, and which is faster, changes
// nothing, and a resumed run goes on with the batches that would have come. Several processes share a batch: each makes
// its own part of it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "train/augmentation.h"
#include "train/targets.h"
#include "train/training_options.h"
#include "train/training_source.h"

namespace ocrdet {

struct LoaderOptions {
  int batch = 8;  // of all processes together
  int size = 640;
  std::vector<double> scales;  // multi-scale: the size of a batch is one of these, times `size`; empty: always `size`
  double min_text_size = 8;
  AugmentationOptions augmentation;
  std::uint64_t seed = 1;
  int workers = 2;
  int batches_ahead = 3;
  int process = 0;    // this one's number
  int processes = 1;  // of which each makes batch / processes pictures
};

LoaderOptions loaderOptions(const TrainingOptions& options);

// The sizes that batches may have, one for each of `scales` and in their order.
std::vector<int> batchSizes(const LoaderOptions& options);

struct TrainingBatch {
  int count = 0, size = 0;
  std::vector<std::uint8_t> pixels;  // [count, size, size, 3], blue-green-red
  // [count, size, size]
  std::vector<std::uint8_t> text, text_mask, border_mask;
  std::vector<float> border;
  int texts = 0;       // that are learnt
  int ignored = 0;     // texts that are not: marked so, too small, or cut
  int unlabelled = 0;  // pictures without ground truth
  int left_out = 0;    // pictures with texts, none of which is learnt
};

class SampleLoader {
 public:
  // Batches from number `first` on.
  SampleLoader(std::vector<WeightedSource> sources, const LoaderOptions& options, std::int64_t first);
  ~SampleLoader();
  SampleLoader(const SampleLoader&) = delete;
  SampleLoader& operator=(const SampleLoader&) = delete;

  std::int64_t batchesPerEpoch() const;

  // The next one; waits when the workers are behind. Throws what reading throws once ten pictures in a row cannot be
  // read; single ones are replaced by others, with a warning.
  TrainingBatch next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ocrdet
