// `ocrdet dataset synth`: a folder of synthetic pictures with their ground truth.
#pragma once

#include <functional>

#include "synth/synth.h"

namespace ocrdet {

struct SynthSetOptions {
  SynthOptions picture;
  std::uint64_t seed = 0;
  int count = 100;
  int test_count = 0;  // further pictures, for the split `test`
  int jpeg_quality = 92;
  int threads = 0;  // 0: as many as there are processors
  std::function<void()> after_each;
};

struct SynthSetResult {
  std::size_t images = 0, texts = 0, ignored = 0;
  double seconds = 0;
  double seconds_of_drawing = 0;  // of all threads together, without writing files
};

// Throws file.exists, file.unwritable, synth.no-fonts, run.interrupted; then there is no folder.
SynthSetResult writeSynthSet(const std::filesystem::path& folder, const SynthSetOptions& options);

}  // namespace ocrdet
