#include "train/symptoms.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/available_memory.h"
#include "base/byte_count.h"
#include "base/log.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

// Measured with LibTorch 1.13 and 2.15.
constexpr double kFixedBytes = 0.45e9;
constexpr double kFloatBytesPerPixel = 1450, kBfloat16BytesPerPixel = 1150;

constexpr const char* kAdviceOnText =
    "Check that the truth is not ### throughout, and that texts are larger than --min-text-size at --size.";

std::string withoutText(const Observations& seen) {
  return fmt::format("{} pictures with texts had none to learn from; {} texts were left out.", seen.pictures_left_out,
                     seen.texts_left_out);
}

}  // namespace

std::int64_t predictedTrainingMemory(int batch, int size, bool bfloat16) {
  const double pixels = double(batch) * size * size;
  return static_cast<std::int64_t>(kFixedBytes + pixels * (bfloat16 ? kBfloat16BytesPerPixel : kFloatBytesPerPixel));
}

std::string adviceOnBatch(int fitting, int processes) {
  return fitting > 0 ? fmt::format("Use --batch {}, or a smaller --size.", fitting * processes)
                     : "Use a smaller --size: not even one picture of this one fits.";
}

std::int64_t checkBatchMemory(const TrainingOptions& options, const std::vector<int>& sizes, bool cuda, bool bfloat16) {
  if (cuda) return 0;
  const int size = *std::max_element(sizes.begin(), sizes.end());
  const int own_batch = options.batch / options.processes;
  const auto neededFor = [&](int batch) {
    return options.processes_here * predictedTrainingMemory(batch, size, bfloat16);
  };
  const std::int64_t needed = neededFor(own_batch);
  const auto available = availableMemory();
  if (!available || needed <= *available) return needed;
  int fitting = own_batch;
  while (fitting > 0 && neededFor(fitting) > *available) --fitting;
  throw Error({&codes::kTrainOutOfMemory,
               fmt::format("A batch of {} pictures of {}×{} needs about {}; {} are available.", own_batch, size, size,
                           byteCount(needed), byteCount(*available)),
               adviceOnBatch(fitting, options.processes),
               {{"needed", needed}, {"available", *available}, {"batch", std::int64_t{own_batch}}}});
}

void seeBatch(Observations& seen, const TrainingBatch& batch, bool text) {
  constexpr int kPictures = 160;
  seen.text_learnt = seen.text_learnt || text;
  if (seen.text_learnt) return;
  seen.texts_left_out += batch.ignored;
  seen.pictures_left_out += batch.left_out;
  if (seen.pictures_left_out < kPictures) return;
  throw Error(
      {&codes::kTrainAllIgnored, "The first " + withoutText(seen), kAdviceOnText, {{"ignored", seen.texts_left_out}}});
}

void seeEnd(const Observations& seen) {
  if (!seen.text_learnt && seen.texts_left_out > 0)
    logWarning(fmt::format("The {} {}", withoutText(seen), kAdviceOnText));
}

void seeEpoch(Observations& seen, int epoch, double hmean) {
  seen.epochs_at_zero = hmean == 0 ? seen.epochs_at_zero + 1 : 0;
  constexpr int kEpochs = 3;
  if (seen.epochs_at_zero != kEpochs) return;
  logWarning(
      fmt::format("hmean is 0 after {} epochs. Usual reasons: random weights and few steps (use --init), a --rate that "
                  "is too low or too high, or boxes of another level (words against lines).",
                  epoch));
}

}  // namespace ocrdet
