// The small checkpoints of tests/golden/pickles.
#pragma once

#include <filesystem>

namespace ocrdet::test {

inline const std::filesystem::path kPickleFolder = OCRDET_GOLDEN_DIR "/pickles";

}  // namespace ocrdet::test
