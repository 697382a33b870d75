// Ground truth for pictures without any, from a detector.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "ocrdet/detector.h"
#include "ocrdet/error.h"

namespace ocrdet {

struct LabelOptions {
  double sure = 0;  // boxes below this score are ###: neither learnt as text nor as ground
  int images_at_a_time = 1;
  std::function<void()> after_each;  // for progress
};

struct LabelResult {
  std::size_t images = 0, texts = 0, doubtful = 0;
  std::vector<Problem> failures;  // pictures that could not be read; they are left out
};

// Runs from several threads at once when images_at_a_time allows it.
using DetectFile = std::function<Detection(const std::filesystem::path&)>;

// Copies the pictures and writes what is found on each; the detector's own box threshold decides what is not even
// doubtful. Throws file.exists, file.unwritable, run.interrupted, and what `detect` throws but for damaged pictures;
// then there is no folder, nor when none of the pictures can be read (throws what was wrong with each).
LabelResult labelImages(std::span<const std::filesystem::path> images, const std::filesystem::path& out,
                        const DetectFile& detect, const LabelOptions& options = {});

}  // namespace ocrdet
