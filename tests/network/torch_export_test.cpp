// Our file against the one that torch.onnx.export writes, from the same random weights, both in ONNX Runtime.
//
// Formula weights are regular; random weights with random statistics would show a mistake that regular ones hide, such
// as two channels exchanged.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <filesystem>
#include <random>

#include "network/golden.h"
#include "passes/pipeline.h"

namespace ocrdet {
namespace {

using namespace test;
namespace fs = std::filesystem;

constexpr int kNoTorch = 77;  // torch_export.py's exit status

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "ocrdet-torch-XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~TemporaryFolder() { fs::remove_all(path); }

  fs::path path;
};

float spread(const std::vector<float>& values) {
  const auto [smallest, largest] = std::ranges::minmax(values);
  return largest - smallest;
}

TEST(TorchExport, OfRandomWeightsGivesTheSameProbabilitiesAtFourSizes) {
  const TemporaryFolder folder;
  constexpr int kSeed = 2024;
  const std::string command = std::string("/usr/bin/python3 " OCRDET_SOURCE_DIR "/tests/network/torch_export.py ") +
                              folder.path.string() + " " + std::to_string(kSeed);
  const int status = std::system(command.c_str());
  if (WIFEXITED(status) && (WEXITSTATUS(status) == kNoTorch || WEXITSTATUS(status) == 127)) {
    GTEST_SKIP() << "/usr/bin/python3 or its PyTorch (Debian: python3-torch) is missing: "
                 << "NOT COMPARED with torch.onnx.export";
  }
  ASSERT_EQ(status, 0) << command;

  const Session theirs = Session::open(folder.path / "torch.onnx");
  const Session ours = sessionOf(buildExportGraph(loadStateDict(folder.path / "random.pt"), {}));
  std::mt19937 random(kSeed);
  std::uniform_real_distribution<float> pixel(-0.5f, 0.6f);
  for (const TensorShape& shape : {TensorShape{1, 3, 64, 64}, TensorShape{1, 3, 96, 160}, TensorShape{2, 3, 128, 96},
                                   TensorShape{1, 3, 320, 256}}) {
    std::vector<float> input(static_cast<std::size_t>(elementCount(shape).value()));
    for (float& value : input) value = pixel(random);
    const FloatArray expected = runMaps(theirs, shape, input);
    const FloatArray maps = runMaps(ours, shape, input);
    EXPECT_EQ(maps.shape, expected.shape);
    EXPECT_GT(spread(expected.values), 0.5f) << "the network answers the same everywhere: nothing is compared";
    EXPECT_LE(largestDifference(maps.values, expected.values), 1e-4f) << toText(shape) << ", seed " << kSeed;
  }
}

}  // namespace
}  // namespace ocrdet
