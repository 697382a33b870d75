// What training starts from: fitting counted, prefixes found, an ImageNet network turned round, misfits refused.
#include "train/initial_weights.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>

#include "model/architecture.h"
#include "ocrdet/error.h"
#include "support/formula_checkpoint.h"
#include "support/formula_weights.h"
#include "tensor/safetensors.h"

namespace ocrdet {
namespace {

using testing::HasSubstr;

// A file with the formula weights whose names `rename` accepts, under the names that it gives.
std::filesystem::path fileOf(const std::function<std::string(const std::string&)>& rename) {
  std::vector<NamedTensor> tensors;
  for (const auto& [name, tensor] : test::formulaStateDict().tensors)
    if (const std::string other = rename(name); !other.empty()) tensors.push_back({other, tensor});
  const auto path = std::filesystem::path(testing::TempDir()) / ("init_" + std::to_string(getpid()) + ".safetensors");
  writeSafetensors(path, tensors, DType::kFloat32);
  return path;
}

std::vector<float> formula(const std::string& name) {
  return toFloat32(test::formulaStateDict().tensor(name));
}

TEST(InitialWeights, ComeFromACheckpointOfPyTorch) {
  const InitialWeights initial = initialWeights(test::formulaCheckpoint("formula.pt"), 1);
  EXPECT_THAT(initial.description, HasSubstr("134 of 134"));
  EXPECT_EQ(defaultShareKept(initial), 0.82);
  for (const auto& [name, tensor] : test::formulaStateDict().tensors)
    ASSERT_EQ(toFloat32(initial.weights.at(name)), toFloat32(tensor)) << name;
}

TEST(InitialWeights, AreFoundUnderAnyPrefix) {
  for (const std::string prefix : {"model.module.", "detector.", "module."}) {
    const auto path = fileOf([&](const std::string& name) { return prefix + name; });
    const InitialWeights initial = initialWeights(path, 1);
    EXPECT_EQ(toFloat32(initial.weights.at("decoder.in2.weight")), formula("decoder.in2.weight")) << prefix;
  }
}

// As `ocrdet export` does: trainers keep averages beside the weights, under names that may come first.
TEST(InitialWeights, AreNotTheAveragesBesideThem) {
  std::vector<NamedTensor> tensors;
  for (const auto& [name, tensor] : test::formulaStateDict().tensors) {
    const std::vector<float> zeros(static_cast<std::size_t>(tensor.size()), 0.0F);
    tensors.push_back({"ema." + name, makeTensor(tensor.shape, zeros)});
    tensors.push_back({"model." + name, tensor});
  }
  const auto path = std::filesystem::path(testing::TempDir()) / ("init_" + std::to_string(getpid()) + ".safetensors");
  writeSafetensors(path, tensors, DType::kFloat32);
  EXPECT_EQ(toFloat32(initialWeights(path, 1).weights.at("decoder.in2.weight")), formula("decoder.in2.weight"));
}

TEST(InitialWeights, OfAnImageNetNetworkAreTurnedToBlueFirst) {
  const auto path = fileOf([](const std::string& name) {
    const bool known = name.starts_with("backbone.") && !name.starts_with("backbone.layer4.1.");
    return known ? name.substr(9) : "";
  });
  const InitialWeights initial = initialWeights(path, 1);
  EXPECT_THAT(initial.description, HasSubstr("90 of 100 tensors of an ImageNet ResNet-18"));
  EXPECT_THAT(initial.description, HasSubstr("1 missing block starts as identity"));
  EXPECT_EQ(defaultShareKept(initial), 0);
  EXPECT_EQ(toFloat32(initial.weights.at("backbone.layer2.0.conv1.weight")), formula("backbone.layer2.0.conv1.weight"));
  for (const float value : toFloat32(initial.weights.at("backbone.layer4.1.bn2.weight"))) EXPECT_EQ(value, 0);

  // The same picture gives the same map: RGB divided by the deviation before, BGR undivided after.
  const std::vector<float> before = formula("backbone.conv1.weight"),
                           after = toFloat32(initial.weights.at("backbone.conv1.weight"));
  const double red = 0.4, green = -0.2, blue = 0.1;
  for (std::size_t filter = 0; filter < 64; ++filter)
    for (std::size_t tap = 0; tap < 49; ++tap) {
      const auto at = [&](const std::vector<float>& weights, std::size_t channel) {
        return double(weights[(filter * 3 + channel) * 49 + tap]);
      };
      const double old_sum = at(before, 0) * red / 0.229 + at(before, 1) * green / 0.224 + at(before, 2) * blue / 0.225;
      const double new_sum = at(after, 0) * blue + at(after, 1) * green + at(after, 2) * red;
      ASSERT_NEAR(new_sum, old_sum, 1e-5);
    }
}

TEST(InitialWeights, AreRefusedWithTheCountsWhenLittleFits) {
  const auto path = fileOf([](const std::string& name) { return name.starts_with("decoder.in") ? name : ""; });
  try {
    initialWeights(path, 1);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.code().name, "train.init-mismatch");
    EXPECT_THAT(error.what(), HasSubstr("holds 4 tensors, of which 4 fit; this network needs 134"));
  }
}

// MhLiao's deformable ResNet-18 has every name and shape of ours, and offsets besides.
TEST(InitialWeights, OfADeformableBackboneAreRefused) {
  const auto path = fileOf([](const std::string& name) {
    return name == "backbone.bn1.bias" ? "backbone.layer2.0.conv2_offset.bias" : name;
  });
  try {
    initialWeights(path, 1);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.code().name, "checkpoint.deformable");
  }
}

TEST(InitialWeights, FillsASmallGapWithRandomNumbers) {
  const auto path = fileOf([](const std::string& name) { return name.starts_with("decoder.thresh") ? "" : name; });
  const InitialWeights initial = initialWeights(path, 1);
  EXPECT_EQ(toFloat32(initial.weights.at("decoder.thresh.0.weight")),
            toFloat32(randomWeights(1).at("decoder.thresh.0.weight")));
  EXPECT_EQ(defaultShareKept(initial), 0);
}

TEST(InitialWeights, AreNotKeptWhenTheyAreRandomOrAWholeBackbone) {
  EXPECT_EQ(defaultShareKept(initialWeights({}, 1)), 0);
  const auto path = fileOf([](const std::string& name) { return name.starts_with("backbone.") ? name.substr(9) : ""; });
  EXPECT_EQ(defaultShareKept(initialWeights(path, 1)), 0);
}

TEST(RandomWeights, HaveTheDeviationsOfTheOriginals) {
  const Weights weights = randomWeights(7);
  for (const auto& [name, expected] :
       {std::pair<std::string, double>{"backbone.layer3.1.conv2.weight", 2.0 / (9 * 256)},
        {"backbone.conv1.weight", 2.0 / (49 * 64)},
        {"decoder.out2.weight", 2.0 / (9 * 256)},
        {"decoder.binarize.3.weight", 2.0 / (4 * 64)}}) {
    double sum = 0, squares = 0;
    const std::vector<float> values = toFloat32(weights.at(name));
    for (const float value : values) sum += value, squares += double(value) * value;
    EXPECT_NEAR(sum / double(values.size()), 0, 0.02 * std::sqrt(expected)) << name;
    EXPECT_NEAR(squares / double(values.size()) / expected, 1, 0.05) << name;
  }
  EXPECT_EQ(toFloat32(randomWeights(7).at("decoder.in2.weight")), toFloat32(weights.at("decoder.in2.weight")));
  EXPECT_NE(toFloat32(randomWeights(8).at("decoder.in2.weight")), toFloat32(weights.at("decoder.in2.weight")));
}

}  // namespace
}  // namespace ocrdet
