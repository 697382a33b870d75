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

void Symptoms::seeBatch(const TrainingBatch& batch, bool text) {
  constexpr int kPictures = 160;
  has_learnt_text_ = has_learnt_text_ || text;
  if (has_learnt_text_ || batch.unlabelled == batch.count) return;
  ignored_ += batch.ignored;
  pictures_without_text_ += batch.count - batch.unlabelled;
  if (pictures_without_text_ < kPictures || ignored_ == 0) return;
  throw Error({&codes::kTrainAllIgnored, "The first " + withoutText(), kAdviceOnText, {{"ignored", ignored_}}});
}

void Symptoms::seeEnd() const {
  if (!has_learnt_text_ && ignored_ > 0) logWarning(fmt::format("The {} {}", withoutText(), kAdviceOnText));
}

std::string Symptoms::withoutText() const {
  return fmt::format("{} pictures had no text to learn from; {} texts were left out.", pictures_without_text_,
                     ignored_);
}

void Symptoms::seeEpoch(int epoch, double hmean) {
  epochs_at_zero_ = hmean == 0 ? epochs_at_zero_ + 1 : 0;
  constexpr int kEpochs = 3;
  if (epochs_at_zero_ != kEpochs) return;
  logWarning(
      fmt::format("hmean is 0 after {} epochs. Usual reasons: random weights and few steps (use --init), a --rate that "
                  "is too low or too high, or boxes of another level (words against lines).",
                  epoch));
}

}  // namespace ocrdet
