// Writing safetensors: what is written is read back, in float32 exactly and in float16 rounded to the nearest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <random>
#include <set>

#include "ocrdet/error.h"
#include "support/file_text.h"
#include "tensor/checkpoint.h"
#include "tensor/safetensors.h"

namespace ocrdet {
namespace {

using test::readText;
using testing::HasSubstr;

class SafetensorsWriter : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("ocrdet-safetensors-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

std::vector<float> randomValues(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 2);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

std::vector<NamedTensor> network() {
  return {{"stem.weight", makeTensor({4, 3, 7, 7}, randomValues(588, 1))},
          {"stem.bias", makeTensor({4}, randomValues(4, 2))},
          {"scale", makeTensor({}, {0.25F})},
          {"empty", makeTensor({0, 3}, {})}};
}

const Tensor& find(const Checkpoint& checkpoint, const std::string& name) {
  for (const NamedTensor& entry : checkpoint.tensors)
    if (entry.name == name) return entry.tensor;
  throw std::runtime_error("no tensor " + name);
}

// One length in 32 begins with the byte 0x80, as every pickle does.
TEST_F(SafetensorsWriter, IsReadBackWhateverTheLengthOfTheHeader) {
  const auto path = folder_ / "padded.safetensors";
  std::set<char> first_bytes;
  for (std::size_t padding = 0; padding < 256; padding += 8) {
    writeSafetensors(path, network(), DType::kFloat32, {{"padding", std::string(padding, 'x')}});
    first_bytes.insert(readText(path).front());
    EXPECT_EQ(readCheckpoint(path).tensors.size(), 4U) << padding;
  }
  EXPECT_THAT(first_bytes, testing::Contains('\x80'));
}

TEST_F(SafetensorsWriter, KeepsFloat32Exactly) {
  const std::vector<NamedTensor> written = network();
  writeSafetensors(folder_ / "weights.safetensors", written, DType::kFloat32, {{"format", "pt"}, {"made by", "test"}});
  const Checkpoint read = readCheckpoint(folder_ / "weights.safetensors");
  EXPECT_EQ(read.format, CheckpointFormat::kSafetensors);
  EXPECT_EQ(read.metadata, (std::map<std::string, std::string>{{"format", "pt"}, {"made by", "test"}}));
  ASSERT_EQ(read.tensors.size(), written.size());
  for (const NamedTensor& entry : written) {
    EXPECT_EQ(find(read, entry.name).dtype, DType::kFloat32);
    EXPECT_EQ(find(read, entry.name).shape, entry.tensor.shape);
    EXPECT_EQ(toFloat32(find(read, entry.name)), toFloat32(entry.tensor)) << entry.name;
  }
}

TEST_F(SafetensorsWriter, RoundsToTheNearestFloat16) {
  writeSafetensors(folder_ / "half.safetensors", network(), DType::kFloat16);
  const Checkpoint read = readCheckpoint(folder_ / "half.safetensors");
  const std::vector<float> exact = randomValues(588, 1);
  const Tensor& tensor = find(read, "stem.weight");
  EXPECT_EQ(tensor.dtype, DType::kFloat16);
  const std::vector<float> halves = toFloat32(tensor);
  ASSERT_EQ(halves.size(), exact.size());
  // 11 bits of significand: the nearest is at most half a unit in the last place away.
  for (std::size_t i = 0; i < exact.size(); ++i) {
    int exponent = 0;
    std::frexp(exact[i], &exponent);
    EXPECT_LE(std::abs(halves[i] - exact[i]), std::ldexp(1.0F, std::max(exponent, -13) - 12)) << i;
  }
}

TEST_F(SafetensorsWriter, WritesEachTensorInItsOwnType) {
  std::vector<NamedTensor> written = network();
  const Checkpoint counters = readCheckpoint(OCRDET_GOLDEN_DIR "/pickles/dtypes.pt");
  const auto is_counter = [](const NamedTensor& entry) { return entry.tensor.dtype == DType::kInt64; };
  const auto counter = std::ranges::find_if(counters.tensors, is_counter);
  ASSERT_NE(counter, counters.tensors.end());
  written.push_back({"counter", counter->tensor});
  const auto type = [](const NamedTensor& entry) {
    EXPECT_NE(entry.name, "counter") << "an integer is not converted";
    return entry.tensor.shape.size() == 1 ? DType::kFloat32 : DType::kFloat16;
  };
  writeSafetensors(folder_ / "mixed", written, type);
  const Checkpoint read = readCheckpoint(folder_ / "mixed");
  EXPECT_EQ(find(read, "stem.weight").dtype, DType::kFloat16);
  EXPECT_EQ(find(read, "stem.bias").dtype, DType::kFloat32);
  EXPECT_EQ(toFloat32(find(read, "stem.bias")), randomValues(4, 2)) << "exact beside rounded neighbours";
  EXPECT_EQ(find(read, "counter").dtype, DType::kInt64);
}

TEST_F(SafetensorsWriter, GivesTheSameBytesTwice) {
  const std::map<std::string, std::string> metadata = {{"b", "2"}, {"a", "1"}};
  writeSafetensors(folder_ / "first", network(), DType::kFloat16, metadata);
  writeSafetensors(folder_ / "second", network(), DType::kFloat16, metadata);
  EXPECT_EQ(readText(folder_ / "first"), readText(folder_ / "second"));
}

TEST_F(SafetensorsWriter, KeepsWhatItReadFromPyTorchsFile) {
  const Checkpoint golden = readCheckpoint(OCRDET_GOLDEN_DIR "/pickles/dtypes.pt");
  writeSafetensors(folder_ / "dtypes", golden.tensors, DType::kFloat32);
  const Checkpoint read = readCheckpoint(folder_ / "dtypes");
  ASSERT_EQ(read.tensors.size(), golden.tensors.size());
  for (const NamedTensor& entry : golden.tensors) {
    const std::vector<float> expected = toFloat32(entry.tensor), found = toFloat32(find(read, entry.name));
    // Infinities are equal, and NaN does not occur.
    EXPECT_EQ(found, expected) << entry.name;
  }
}

TEST_F(SafetensorsWriter, RefusesValuesThatFloat16CannotHold) {
  const std::vector<NamedTensor> large = {{"w", makeTensor({2}, {65504, 70000})}};
  try {
    writeSafetensors(folder_ / "large", large, DType::kFloat16);
    FAIL() << "70000 became infinite";
  } catch (const Error& error) {
    EXPECT_EQ(&error.code(), &codes::kCheckpointFloat16Range);
    EXPECT_THAT(error.what(), HasSubstr("70000"));
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "large"));
}

TEST_F(SafetensorsWriter, KeepsInfinityAndNan) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<NamedTensor> odd = {{"w", makeTensor({3}, {infinity, -infinity, std::nanf("")})}};
  writeSafetensors(folder_ / "odd", odd, DType::kFloat16);
  const Checkpoint checkpoint = readCheckpoint(folder_ / "odd");
  const std::vector<float> read = toFloat32(find(checkpoint, "w"));
  EXPECT_EQ(read[0], infinity);
  EXPECT_EQ(read[1], -infinity);
  EXPECT_TRUE(std::isnan(read[2]));
}

}  // namespace
}  // namespace ocrdet
