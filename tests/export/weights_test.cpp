// Files of weights alone (model/weights_file.h), exported to ONNX again.

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "export/in_memory.h"
#include "graph/initialiser.h"
#include "model/weights_file.h"
#include "onnx/read.h"
#include "support/formula_checkpoint.h"
#include "support/scratch_folder.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

class WeightsToOnnx : public testing::Test {
 protected:
  std::string onnxFrom(Precision precision) const {
    writeWeights(folder_ / "weights.safetensors", loadStateDict(original_), precision, {});
    return exportInMemory(folder_ / "weights.safetensors");
  }

  test::ScratchFolder scratch_;
  fs::path folder_ = scratch_.path(), original_ = test::formulaCheckpoint("formula.pt");
};

// The digest of the checkpoint is all that tells them apart.
TEST_F(WeightsToOnnx, GivesTheSameBytesFromFloat32) {
  const auto digest = [](const fs::path& path) { return sourceSha256(readCheckpoint(path)); };
  std::string found = onnxFrom(Precision::kFloat32);
  const std::string expected = exportInMemory(original_);
  EXPECT_NE(found, expected);
  const std::size_t place = found.find(digest(folder_ / "weights.safetensors"));
  ASSERT_NE(place, found.npos);
  found.replace(place, 64, digest(original_));
  EXPECT_TRUE(found == expected) << "other bytes differ as well";
}

TEST_F(WeightsToOnnx, TakesTheSettingsOfBoxesAlong) {
  const BoxSettings boxes{0.35, 0.45, 1.75};
  writeWeights(folder_ / "weights.safetensors", loadStateDict(original_), Precision::kFloat16, boxes);
  const std::string file = exportInMemory(folder_ / "weights.safetensors");
  EXPECT_EQ(readBoxSettings(readOnnx(std::as_bytes(std::span(file))).metadata), boxes);
}

// Folding scales whole channels, so that the relative error of a weight stays what rounding made it: half a unit in
// the last of 11 bits. Below float16's normal numbers the error is absolute, and small beside the kernel's largest.
TEST_F(WeightsToOnnx, GivesTheSameWeightsFromFloat16WithinItsRounding) {
  const std::string exact_file = exportInMemory(original_), rounded_file = onnxFrom(Precision::kFloat16);
  const Graph exact = readOnnx(std::as_bytes(std::span(exact_file)));
  const Graph rounded = readOnnx(std::as_bytes(std::span(rounded_file)));
  ASSERT_EQ(rounded.initialisers.size(), exact.initialisers.size());
  double largest_error = 0;
  for (std::size_t layer = 0; layer < exact.initialisers.size(); ++layer) {
    const Initialiser &original = exact.initialisers[layer], &read = rounded.initialisers[layer];
    SCOPED_TRACE(original.name);
    ASSERT_EQ(read.name, original.name);
    if (original.dtype != DType::kFloat32) {
      EXPECT_EQ(read.bytes, original.bytes);
      continue;
    }
    const std::vector<float> expected = floatValues(original), found = floatValues(read);
    ASSERT_EQ(found.size(), expected.size());
    double largest = 0;
    for (const float value : expected) largest = std::max<double>(largest, std::abs(value));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const double error = std::abs(found[i] - expected[i]);
      ASSERT_LE(error, std::abs(expected[i]) * 0x1.01p-11 + 1e-5 * largest) << i;
      if (largest > 0) largest_error = std::max(largest_error, error / largest);
    }
  }
  EXPECT_GT(largest_error, 1e-5) << "nothing was rounded";
}

}  // namespace
}  // namespace ocrdet
