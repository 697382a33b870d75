// Weights alone: what the file holds, in which types, and that it depends on nothing but the weights.
#include "model/weights_file.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>

#include "model/architecture.h"
#include "ocrdet/error.h"
#include "support/file_text.h"
#include "support/formula_checkpoint.h"
#include "support/formula_weights.h"
#include "support/scratch_folder.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

class WeightsFile : public testing::Test {
 protected:
  std::string written(const StateDict& weights, Precision precision) const {
    writeWeights(folder_ / "weights.safetensors", weights, precision, {});
    return test::readText(folder_ / "weights.safetensors");
  }
  std::map<std::string, Tensor> readBack() const {
    std::map<std::string, Tensor> tensors;
    for (const NamedTensor& entry : readCheckpoint(folder_ / "weights.safetensors").tensors)
      EXPECT_TRUE(tensors.emplace(entry.name, entry.tensor).second) << entry.name << " twice";
    return tensors;
  }

  test::ScratchFolder scratch_;
  fs::path folder_ = scratch_.path();
};

StateDict formula() {
  return loadStateDict(test::formulaCheckpoint("formula.pt"));
}

std::int64_t counterIn(const Tensor& tensor) {
  std::int64_t value = -1;
  std::memcpy(&value, contiguousBytes(tensor).data(), sizeof value);
  return value;
}

// Half a unit in the last place of a float16: 11 bits of significand, the smallest exponent is -14.
double roundingOf(float value) {
  int exponent = 0;
  std::frexp(value, &exponent);
  return std::ldexp(1.0, std::max(exponent, -13) - 12);
}

TEST_F(WeightsFile, HoldsEveryTensorExactlyInFloat32) {
  written(formula(), Precision::kFloat32);
  const std::map<std::string, Tensor> read = readBack();
  ASSERT_EQ(read.size(), 158U);
  for (const ExpectedTensor& expected : expectedTensors()) {
    SCOPED_TRACE(expected.name);
    const Tensor& tensor = read.at(expected.name);
    EXPECT_EQ(tensor.shape, expected.shape);
    if (expected.counter) {
      ASSERT_EQ(tensor.dtype, DType::kInt64);
      EXPECT_EQ(counterIn(tensor), test::formulaCounter(expected.name));
    } else {
      EXPECT_EQ(tensor.dtype, DType::kFloat32);
      EXPECT_EQ(toFloat32(tensor), test::formulaValues(expected.name, expected.shape));
    }
  }
}

TEST_F(WeightsFile, RoundsTheKernelsAloneToFloat16) {
  const std::size_t bytes = written(formula(), Precision::kFloat16).size();
  EXPECT_LT(bytes, 25'000'000U);
  const std::map<std::string, Tensor> read = readBack();
  ASSERT_EQ(read.size(), 158U);
  for (const ExpectedTensor& expected : expectedTensors()) {
    if (expected.counter) continue;
    SCOPED_TRACE(expected.name);
    const bool kernel = expected.shape.size() == 4;
    EXPECT_EQ(read.at(expected.name).dtype, kernel ? DType::kFloat16 : DType::kFloat32);
    const std::vector<float> exact = test::formulaValues(expected.name, expected.shape);
    const std::vector<float> found = toFloat32(read.at(expected.name));
    ASSERT_EQ(found.size(), exact.size());
    for (std::size_t i = 0; i < exact.size(); ++i)
      ASSERT_LE(std::abs(found[i] - exact[i]), kernel ? roundingOf(exact[i]) : 0.0) << i;
  }
}

TEST_F(WeightsFile, DependsOnTheWeightsAlone) {
  Checkpoint wrapped = readCheckpoint(test::formulaCheckpoint("formula_legacy.pt"));
  for (NamedTensor& entry : wrapped.tensors) entry.name = "checkpoint/state_dict/module." + entry.name;
  for (const Precision precision : {Precision::kFloat32, Precision::kFloat16}) {
    const std::string bytes = written(formula(), precision);
    EXPECT_EQ(written(formula(), precision), bytes) << "twice";
    fs::copy_file(folder_ / "weights.safetensors", folder_ / "first.safetensors", fs::copy_options::overwrite_existing);
    EXPECT_EQ(written(loadStateDict(folder_ / "first.safetensors"), precision), bytes) << "from its own result";
    EXPECT_EQ(written(matchStateDict(wrapped), precision), bytes) << "below a wrapper and a prefix";
  }
}

TEST_F(WeightsFile, HasNoThresholdHeadWhenTheCheckpointHasNone) {
  Checkpoint checkpoint = readCheckpoint(test::formulaCheckpoint("formula.pt"));
  std::erase_if(checkpoint.tensors, [](const NamedTensor& entry) { return entry.name == "decoder.thresh.6.bias"; });
  written(matchStateDict(checkpoint), Precision::kFloat16);
  const std::map<std::string, Tensor> read = readBack();
  for (const ExpectedTensor& expected : expectedTensors())
    EXPECT_EQ(read.contains(expected.name), !expected.threshold_head) << expected.name;
}

TEST_F(WeightsFile, DoesWithoutCounters) {
  Checkpoint checkpoint = readCheckpoint(test::formulaCheckpoint("formula.pt"));
  std::erase_if(checkpoint.tensors, [](const NamedTensor& entry) { return entry.tensor.dtype == DType::kInt64; });
  written(matchStateDict(checkpoint), Precision::kFloat32);
  for (const ExpectedTensor& expected : expectedTensors())
    EXPECT_EQ(readBack().contains(expected.name), !expected.counter) << expected.name;
}

TEST_F(WeightsFile, IsNeitherInt8NorInfinite) {
  try {
    writeWeights(folder_ / "weights.safetensors", formula(), Precision::kInt8, {});
    FAIL() << "int8 was written";
  } catch (const Error& error) {
    EXPECT_EQ(&error.code(), &codes::kUsageOption);
  }
  StateDict large = formula();
  large.tensors["decoder.in2.weight"] = makeTensor({256, 64, 1, 1}, std::vector<float>(256 * 64, 70000));
  try {
    writeWeights(folder_ / "weights.safetensors", large, Precision::kFloat16, {});
    FAIL() << "70000 became infinite";
  } catch (const Error& error) {
    EXPECT_EQ(&error.code(), &codes::kCheckpointFloat16Range);
    EXPECT_THAT(error.what(), testing::HasSubstr("decoder.in2.weight"));
  }
  EXPECT_TRUE(fs::is_empty(folder_));
}

}  // namespace
}  // namespace ocrdet
