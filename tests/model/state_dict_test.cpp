// Finding the network's weights in checkpoints: prefixes and wrappers, real files of PyTorch, and what is said about
// files that do not fit.
#include "model/state_dict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <ctime>
#include <filesystem>
#include <functional>
#include <limits>

#include "base/sha256.h"
#include "model/architecture.h"
#include "ocrdet/error.h"
#include "support/file_text.h"
#include "support/formula_checkpoint.h"
#include "support/formula_weights.h"
#include "support/refusal.h"

namespace ocrdet {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// The formula weights as a checkpoint of 158 tensors, made once.
const Checkpoint& formulaTensors() {
  static const Checkpoint kCheckpoint = [] {
    const StateDict weights = test::formulaStateDict();
    Checkpoint checkpoint;
    for (const ExpectedTensor& expected : expectedTensors()) {
      const Tensor counter = makeTensor({}, {static_cast<float>(test::formulaCounter(expected.name))});
      checkpoint.tensors.push_back({expected.name, expected.counter ? counter : weights.tensor(expected.name)});
    }
    return checkpoint;
  }();
  return kCheckpoint;
}

Checkpoint renamed(const std::function<std::string(const std::string&)>& rename) {
  Checkpoint checkpoint = formulaTensors();
  for (NamedTensor& entry : checkpoint.tensors) entry.name = rename(entry.name);
  return checkpoint;
}

Checkpoint without(const std::function<bool(const std::string&)>& drop) {
  Checkpoint checkpoint = formulaTensors();
  std::erase_if(checkpoint.tensors, [&](const NamedTensor& entry) { return drop(entry.name); });
  return checkpoint;
}

Checkpoint with(std::vector<NamedTensor> more) {
  Checkpoint checkpoint = formulaTensors();
  checkpoint.tensors.insert(checkpoint.tensors.end(), more.begin(), more.end());
  return checkpoint;
}

Tensor& tensorOf(Checkpoint& checkpoint, const std::string& name) {
  for (NamedTensor& entry : checkpoint.tensors)
    if (entry.name == name) return entry.tensor;
  throw std::out_of_range(name);
}

Tensor zeros(TensorShape shape) {
  const auto count = static_cast<std::size_t>(*elementCount(shape));
  return makeTensor(std::move(shape), std::vector<float>(count, 0.0f));
}

std::vector<std::string> codesOf(const Error& error) {
  std::vector<std::string> names;
  for (const Problem& problem : error.problems()) names.emplace_back(problem.code->name);
  return names;
}

Error errorOf(Checkpoint checkpoint) {
  return test::refusalBy([&] { matchStateDict(std::move(checkpoint)); });
}

TEST(StateDict, TakesTheSameBytesFromEveryFormatThatPyTorchWrote) {
  const StateDict expected = test::formulaStateDict();
  for (const std::string name : {"formula.pt", "formula_legacy.pt", "formula.safetensors"}) {
    const StateDict weights = loadStateDict(test::formulaCheckpoint(name));
    EXPECT_TRUE(weights.has_threshold_head);
    EXPECT_EQ(weights.prefix, "");
    EXPECT_EQ(weights.wrapper, "");
    EXPECT_EQ(weights.ignored, 24) << "the counters";
    ASSERT_EQ(weights.tensors.size(), 134u);
    for (const auto& [key, tensor] : expected.tensors) {
      const std::span<const std::byte> bytes = contiguousBytes(weights.tensor(key));
      ASSERT_EQ(bytes.size(), tensor.storage.bytes.size()) << name << ' ' << key;
      EXPECT_EQ(std::memcmp(bytes.data(), tensor.storage.bytes.data(), bytes.size()), 0) << name << ' ' << key;
    }
  }
}

TEST(StateDict, KnowsTheDigestOfItsFile) {
  const std::filesystem::path path = test::formulaCheckpoint("formula.safetensors");
  const std::string content = test::readText(path);
  EXPECT_EQ(sourceSha256(loadStateDict(path).source), sha256(std::as_bytes(std::span(content))));
}

TEST(StateDict, FindsPrefixesAndWrappers) {
  struct Case {
    const char* wrapper;
    const char* prefix;
  };
  const Case cases[] = {
      {"", "model.module."},
      {"", "detector."},
      {"", "module."},
      {"", "model."},
      {"state_dict", ""},
      {"model", ""},
      {"model_state_dict", ""},
      {"params", "module."},
      {"net", ""},
      {"checkpoint", ""},
      {"checkpoint/state_dict", "module."},
      {"model/state_dict", "detector.model.module."},
  };
  for (const Case& row : cases) {
    const std::string start = std::string(row.wrapper) + (*row.wrapper == '\0' ? "" : "/") + row.prefix;
    const StateDict weights = matchStateDict(renamed([&](const std::string& name) { return start + name; }));
    EXPECT_EQ(weights.wrapper, row.wrapper);
    EXPECT_EQ(weights.prefix, row.prefix);
    EXPECT_EQ(weights.tensors.size(), 134u) << start;
  }
}

TEST(StateDict, IgnoresWhatTrainersKeepBesideTheWeights) {
  const StateDict weights = matchStateDict(with({{"backbone.fc.weight", zeros({1000, 512})},
                                                 {"backbone.fc.bias", zeros({1000})},
                                                 {"backbone.smooth.weight", zeros({256, 2048, 1, 1})},
                                                 {"backbone.smooth.bias", zeros({256})},
                                                 {"optimizer/state/0/momentum_buffer", zeros({64, 3, 7, 7})},
                                                 {"criterion.weight", zeros({2})}}));
  EXPECT_EQ(weights.tensors.size(), 134u);
  EXPECT_EQ(weights.ignored, 24 + 6);
}

TEST(StateDict, PrefersTheWeightsToTheirAverage) {
  Checkpoint checkpoint = renamed([](const std::string& name) { return "model_ema/" + name; });
  for (const NamedTensor& entry : formulaTensors().tensors)
    checkpoint.tensors.push_back({"model/" + entry.name, entry.tensor});
  EXPECT_EQ(matchStateDict(checkpoint).wrapper, "model");
}

TEST(StateDict, DoesWithoutCountersAndThresholdHead) {
  const StateDict weights = matchStateDict(without([](const std::string& name) {
    return name.starts_with("decoder.thresh.") || name.ends_with("num_batches_tracked");
  }));
  EXPECT_FALSE(weights.has_threshold_head);
  EXPECT_EQ(weights.tensors.size(), 121u);
  EXPECT_EQ(weights.ignored, 0);
}

TEST(StateDict, TakesAThresholdHeadWithGapsForNone) {
  Checkpoint checkpoint = without([](const std::string& name) { return name == "decoder.thresh.4.bias"; });
  tensorOf(checkpoint, "decoder.thresh.0.weight") = zeros({64, 257, 3, 3});
  const StateDict weights = matchStateDict(checkpoint);
  EXPECT_FALSE(weights.has_threshold_head);
  EXPECT_EQ(weights.tensors.size(), 121u);
}

TEST(StateDict, ListsEverythingThatDoesNotFitAtOnce) {
  Checkpoint checkpoint = without([](const std::string& name) { return name == "decoder.in4.weight"; });
  checkpoint.tensors.push_back({"decoder.attention.conv.weight", zeros({4, 256, 3, 3})});
  tensorOf(checkpoint, "decoder.in2.weight") = zeros({256, 128, 1, 1});
  tensorOf(checkpoint, "decoder.in3.weight").dtype = DType::kInt32;
  tensorOf(checkpoint, "backbone.bn1.bias") =
      makeTensor({64}, std::vector<float>(64, std::numeric_limits<float>::quiet_NaN()));
  tensorOf(checkpoint, "backbone.bn1.running_var") = makeTensor({64}, std::vector<float>(64, -1.0f));
  const Error error = errorOf(checkpoint);
  EXPECT_THAT(codesOf(error), ElementsAre("checkpoint.missing-tensors", "checkpoint.extra-tensors", "checkpoint.shape",
                                          "checkpoint.dtype", "checkpoint.not-finite"));
  EXPECT_THAT(error.problems()[0].message,
              HasSubstr("1 of the 121 tensors that inference needs are missing: decoder.in4"));
  EXPECT_THAT(error.problems()[1].message, HasSubstr("decoder.attention.conv.weight"));
  EXPECT_THAT(error.problems()[2].message, HasSubstr("decoder.in2.weight is 256×128×1×1 instead of 256×64×1×1"));
  EXPECT_THAT(error.problems()[3].message, HasSubstr("decoder.in3.weight is int32"));
  EXPECT_THAT(error.problems()[4].message, AllOf(HasSubstr("backbone.bn1.bias has 64 of 64 values that are NaN"),
                                                 HasSubstr("backbone.bn1.running_var has 64 negative variances")));
}

TEST(StateDict, ShortensLongListsAndKeepsThemInTheDetails) {
  const Error error = errorOf(without(
      [](const std::string& name) { return name.starts_with("decoder.binarize.") && !name.ends_with("tracked"); }));
  ASSERT_EQ(error.problems().size(), 1u);
  const Problem& problem = error.problems()[0];
  EXPECT_THAT(problem.message, HasSubstr("13 of the 121"));
  EXPECT_THAT(problem.message, AllOf(HasSubstr("and 8 more"), Not(HasSubstr("binarize.6.bias"))));
  EXPECT_EQ(std::get<std::int64_t>(problem.details[0].value), 13);
  EXPECT_THAT(std::get<std::string>(problem.details[1].value), HasSubstr("decoder.binarize.6.bias"));
}

TEST(StateDict, NamesAMissingBlockOfTheBackbone) {
  const Error error = errorOf(without([](const std::string& name) { return name.starts_with("backbone.layer4.1."); }));
  EXPECT_THAT(codesOf(error), ElementsAre("checkpoint.backbone-block"));
  EXPECT_THAT(error.what(), HasSubstr("lacks 1 of its 8 blocks altogether: backbone.layer4.1"));
}

TEST(StateDict, ReadsFloat16AndStridedWeights) {
  Checkpoint checkpoint = formulaTensors();
  Tensor& weight = tensorOf(checkpoint, "decoder.in5.weight");
  const std::vector<float> values = toFloat32(weight);
  std::vector<float> transposed(values.size());
  for (std::size_t row = 0; row < 256; ++row)
    for (std::size_t column = 0; column < 512; ++column) transposed[column * 256 + row] = values[row * 512 + column];
  weight = makeTensor({512, 256, 1, 1}, transposed);
  weight.shape = {256, 512, 1, 1};
  weight.strides = {1, 256, 1, 1};
  EXPECT_EQ(toFloat32(matchStateDict(checkpoint).tensor("decoder.in5.weight")), values);
}

TEST(StateDict, IsSoughtInLinearTimeHoweverNamesAreChosen) {
  Checkpoint checkpoint;
  const Tensor tensor = zeros({1});
  std::string dots;
  for (int i = 0; i < 450; ++i) dots += "a.";
  for (int i = 0; i < 20'000; ++i)
    checkpoint.tensors.push_back({dots + std::to_string(i) + ".backbone.conv1.weight", tensor});
  const std::clock_t start = std::clock();
  EXPECT_THAT(codesOf(errorOf(checkpoint)), ElementsAre("checkpoint.other-network"));
  // 0.1 s without sanitizers; a search whose time grows with the square needs minutes.
  EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 3.0);
}

// ---- networks that are taken for ours

TEST(OtherNetworks, DeformableConvolutionHasItsOwnSentence) {
  const Error error = errorOf(with({{"backbone.layer2.0.conv2_offset.weight", zeros({27, 128, 3, 3})},
                                    {"backbone.layer2.0.conv2_offset.bias", zeros({27})}}));
  EXPECT_THAT(codesOf(error), ElementsAre("checkpoint.deformable"));
  EXPECT_THAT(error.what(), HasSubstr("conv2_offset"));
}

TEST(OtherNetworks, ResNet50HasItsOwnSentence) {
  const Error bottleneck = errorOf(with({{"backbone.layer1.0.conv3.weight", zeros({256, 64, 1, 1})}}));
  EXPECT_THAT(codesOf(bottleneck), ElementsAre("checkpoint.resnet50"));
  Checkpoint checkpoint = formulaTensors();
  tensorOf(checkpoint, "decoder.in5.weight") = zeros({256, 2048, 1, 1});
  EXPECT_THAT(codesOf(errorOf(checkpoint)), ElementsAre("checkpoint.resnet50"));
}

TEST(OtherNetworks, PlainImageNetWeightsAreNoDetector) {
  // torchvision's names have no "backbone." in front.
  Checkpoint checkpoint = without([](const std::string& name) { return name.starts_with("decoder."); });
  for (NamedTensor& entry : checkpoint.tensors) entry.name = entry.name.substr(std::strlen("backbone."));
  checkpoint.tensors.push_back({"fc.weight", zeros({1000, 512})});
  const Error torchvision = errorOf(checkpoint);
  EXPECT_THAT(codesOf(torchvision), ElementsAre("checkpoint.no-decoder"));
  EXPECT_THAT(torchvision.what(), HasSubstr("100 of its 100 tensors"));
  EXPECT_THAT(codesOf(errorOf(without([](const std::string& name) { return name.starts_with("decoder."); }))),
              ElementsAre("checkpoint.no-decoder"));
}

TEST(OtherNetworks, UnrelatedWeightsAreCounted) {
  Checkpoint checkpoint;
  checkpoint.tensors = {{"encoder.embed.weight", zeros({8, 8})}, {"encoder.norm.bias", zeros({8})}};
  const Error error = errorOf(checkpoint);
  EXPECT_THAT(codesOf(error), ElementsAre("checkpoint.other-network"));
  EXPECT_THAT(error.what(), AllOf(HasSubstr("0 of the 121 names"), HasSubstr("\"encoder.embed.weight\"")));
}

TEST(OtherNetworks, AnotherBackboneUnderTheSameDecoderIsTold) {
  const Error error = errorOf(without([](const std::string& name) { return name.starts_with("backbone."); }));
  EXPECT_THAT(codesOf(error), ElementsAre("checkpoint.other-network"));
  EXPECT_THAT(error.what(), HasSubstr("a DBNet with another backbone"));
}

TEST(OtherNetworks, ErrorsNameTheFile) {
  const std::filesystem::path path = OCRDET_GOLDEN_DIR "/pickles/plain.pt";
  try {
    loadStateDict(path);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(codesOf(error), ElementsAre("checkpoint.other-network"));
    EXPECT_THAT(error.what(), HasSubstr("plain.pt: 0 of the 121"));
  }
}

}  // namespace
}  // namespace ocrdet
