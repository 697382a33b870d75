#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "contract/verdict_json.h"
#include "ocrdet/contract.h"

namespace ocrdet {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kGigabyte = std::int64_t{1} << 30;

std::vector<std::string> codesOf(const SizeQuestion& question) {
  return checkSize(question).codes();
}

// The contract as a person would apply it with pencil and paper: multiples are found by adding 32, not by dividing.
bool isMultipleOf32(std::int64_t side) {
  std::int64_t multiple = 0;
  while (multiple < side) multiple += 32;
  return multiple == side;
}

std::vector<std::string> expectedCodes(Size size) {
  std::vector<std::string> codes;
  for (std::int64_t side : {size.height, size.width}) {
    if (!isMultipleOf32(side)) codes.emplace_back("size.not-multiple-of-32");
  }
  for (std::int64_t side : {size.height, size.width}) {
    if (side < 320 || side > 1536) codes.emplace_back("size.out-of-range");
  }
  const bool broken = !codes.empty();
  const auto ratio =
      static_cast<double>(std::max(size.height, size.width)) / static_cast<double>(std::min(size.height, size.width));
  if (ratio > 4) codes.emplace_back("size.extreme-ratio");
  const bool trained = size == Size{640, 640} || size == Size{800, 800};
  if (!broken && !trained) codes.emplace_back("size.untrained");
  return codes;
}

std::int64_t expectedBelow(std::int64_t side) {
  std::int64_t best = 320;
  for (std::int64_t each = 320; each <= 1536; each += 32) best = each <= side ? each : best;
  return best;
}

std::int64_t expectedAbove(std::int64_t side) {
  std::int64_t best = 1536;
  for (std::int64_t each = 1536; each >= 320; each -= 32) best = each >= side ? each : best;
  return best;
}

// All valid pairs with an acceptable ratio, in the order that breaks ties.
std::vector<Size> validPairs() {
  std::vector<Size> pairs;
  for (std::int64_t height = 320; height <= 1536; height += 32) {
    for (std::int64_t width = 320; width <= 1536; width += 32) {
      if (height <= 4 * width && width <= 4 * height) pairs.push_back({height, width});
    }
  }
  std::sort(pairs.begin(), pairs.end(), [](Size a, Size b) {
    return std::pair(a.height * a.width, a.height) < std::pair(b.height * b.width, b.height);
  });
  return pairs;
}

// (ln side'/side)² for every side in steps of 8 and every multiple.
struct LogDistances {
  double of[201][49];
  LogDistances() {
    for (int side = 4; side <= 200; ++side) {
      for (int multiple = 10; multiple <= 48; ++multiple) {
        of[side][multiple] = std::pow(std::log(32.0 * multiple) - std::log(8.0 * side), 2);
      }
    }
  }
};

TEST(Contract, HoldsForEverySizeInStepsOfEight) {
  const std::vector<Size> pairs = validPairs();
  const auto distances = std::make_unique<LogDistances>();
  int sizes = 0;
  for (std::int64_t height = 32; height <= 1600; height += 8) {
    for (std::int64_t width = 32; width <= 1600; width += 8, ++sizes) {
      const Size size{height, width};
      const Verdict verdict = checkSize({.size = size});
      const std::vector<std::string> codes = expectedCodes(size);
      ASSERT_EQ(verdict.codes(), codes) << toText(size);
      const bool clean = codes.empty() || codes.front() == "size.untrained";
      const bool only_warned = !codes.empty() && codes.front() == "size.extreme-ratio";
      ASSERT_EQ(verdict.valid(), clean || only_warned) << toText(size);
      ASSERT_EQ(verdict.suggestions.has_value(), !clean) << toText(size);
      if (clean) continue;
      ASSERT_EQ(verdict.suggestions->below, (Size{expectedBelow(height), expectedBelow(width)})) << toText(size);
      ASSERT_EQ(verdict.suggestions->above, (Size{expectedAbove(height), expectedAbove(width)})) << toText(size);
      Size closest;
      double smallest = INFINITY;
      for (Size pair : pairs) {
        const double distance = distances->of[height / 8][pair.height / 32] + distances->of[width / 8][pair.width / 32];
        if (distance < smallest * (1 - 1e-9)) closest = pair, smallest = distance;
      }
      ASSERT_EQ(verdict.suggestions->closest, closest) << toText(size);
    }
  }
  EXPECT_EQ(sizes, 197 * 197);
}

TEST(Contract, RefusesWidth819WithItsArithmetic) {
  const Verdict verdict = checkSize({.size = {800, 819}});
  ASSERT_THAT(verdict.codes(), ElementsAre("size.not-multiple-of-32"));
  const Finding& finding = verdict.findings.front();
  EXPECT_THAT(finding.message,
              AllOf(HasSubstr("width 819 is not a multiple of 32 (25 × 32 + 19)"), HasSubstr("410, 205, 103, 52, 26"),
                    HasSubstr("decoder.up4 gives 104"), HasSubstr("decoder.in3, at 1/8 of the input, has 103")));
  EXPECT_EQ(finding.advice, "Use 832, the closest, or 800; or export with --any-size.");
  EXPECT_EQ(verdict.suggestions->closest, (Size{800, 832}));
}

TEST(Contract, ReportsHeightAndWidthEachOnItsOwn) {
  const Verdict verdict = checkSize({.size = {819, 819}});
  EXPECT_THAT(verdict.codes(), ElementsAre("size.not-multiple-of-32", "size.not-multiple-of-32"));
  EXPECT_THAT(verdict.findings[0].message, HasSubstr("height 819"));
  EXPECT_THAT(verdict.findings[1].message, HasSubstr("width 819"));
  EXPECT_EQ(verdict.suggestions->closest, (Size{832, 832}));
}

TEST(Contract, WarnsOfTheSilentKindInWords) {
  const Verdict verdict = checkSize({.size = {800, 670}});
  EXPECT_THAT(verdict.findings.front().message,
              AllOf(HasSubstr("(20 × 32 + 30)"), HasSubstr("map of width 672, 2 more than the input")));
}

TEST(Contract, AcceptsTheRecommendedSizesAndRefusesTheOthersOfTheArticle) {
  for (Size size :
       {Size{640, 640}, Size{800, 800}, Size{960, 960}, Size{1024, 1024}, Size{1280, 736}, Size{1408, 800}}) {
    EXPECT_TRUE(checkSize({.size = size}).valid()) << toText(size);
  }
  for (Size size : {Size{800, 600}, Size{1080, 1920}, Size{720, 540}, Size{750, 750}}) {
    EXPECT_FALSE(checkSize({.size = size}).valid()) << toText(size);
  }
  // 1920 is 60 · 32: of 1080x1920 only the height has a remainder.
  const Verdict full_hd = checkSize({.size = {1080, 1920}});
  EXPECT_THAT(full_hd.codes(), ElementsAre("size.not-multiple-of-32", "size.out-of-range"));
  EXPECT_THAT(full_hd.findings[0].message, HasSubstr("height 1080"));
}

TEST(Contract, WarnsAboveFourToOne) {
  const Verdict verdict = checkSize({.size = {1536, 320}});
  EXPECT_TRUE(verdict.valid());
  EXPECT_THAT(verdict.codes(), ElementsAre("size.extreme-ratio", "size.untrained"));
  EXPECT_THAT(verdict.findings.front().message, HasSubstr("4.8 to 1"));
  EXPECT_EQ(verdict.suggestions->closest, (Size{1408, 352}));
  EXPECT_THAT(codesOf({.size = {1280, 320}}), ElementsAre("size.untrained"));
}

TEST(Contract, BreaksExactTiesTowardsTheSmallerArea) {
  // ln(1280/1408)² = ln(352/320)²: shrinking the long side is as near as growing the short one.
  EXPECT_EQ(suggestSizes({1408, 320}).closest, (Size{1280, 320}));
  EXPECT_EQ(suggestSizes({1536, 352}).closest, (Size{1408, 352}));
  EXPECT_EQ(suggestSizes({320, 1408}).closest, (Size{320, 1280}));
}

TEST(Contract, AllowsUnusualSizesOnlyWhenAskedAndOnlyPossibleOnes) {
  EXPECT_THAT(codesOf({.size = {256, 256}}), ElementsAre("size.out-of-range", "size.out-of-range"));
  const Verdict allowed = checkSize({.size = {256, 2048}, .allowed = {"size.out-of-range"}});
  EXPECT_TRUE(allowed.valid());
  EXPECT_THAT(allowed.codes(),
              ElementsAre("size.out-of-range", "size.out-of-range", "size.extreme-ratio", "size.untrained"));
  EXPECT_EQ(allowed.findings.front().level, Level::kWarning);
  for (Size size : {Size{31, 800}, Size{800, 8193}, Size{16, 16}}) {
    EXPECT_FALSE(checkSize({.size = size, .any_size = true, .allowed = {"size.out-of-range"}}).valid()) << toText(size);
  }
  EXPECT_TRUE(checkSize({.size = {32, 32}, .allowed = {"size.out-of-range"}}).valid());
  EXPECT_TRUE(checkSize({.size = {8192, 8192}, .allowed = {"size.out-of-range"}}).valid());
  // What is allowed is also suggested.
  EXPECT_EQ(checkSize({.size = {2000, 2000}, .allowed = {"size.out-of-range"}}).suggestions->closest,
            (Size{2016, 2016}));
}

TEST(Contract, RefusesToAllowOtherCodes) {
  EXPECT_THROW(checkSize({.size = {800, 800}, .allowed = {"size.not-multiple-of-32"}}), Error);
}

TEST(Contract, TakesAnyWholeSizeWhenTheFilePads) {
  EXPECT_THAT(codesOf({.size = {819, 1079}, .any_size = true}), ElementsAre("size.untrained"));
  EXPECT_THAT(codesOf({.size = {319, 819}, .any_size = true}), ElementsAre("size.out-of-range"));
}

TEST(Contract, ReportsEveryBrokenRuleAtOnce) {
  const Verdict verdict = checkSize({.size = {100, 5000},
                                     .dynamic = true,
                                     .batch = 65,
                                     .opset = 9,
                                     .precision = Precision::kInt8,
                                     .target = &targetNamed("opencv-dnn"),
                                     .predicted_memory = 9 * kGigabyte,
                                     .available_memory = 8 * kGigabyte,
                                     .memory_limit = 4 * kGigabyte});
  EXPECT_THAT(verdict.codes(), ElementsAre("size.not-multiple-of-32", "size.not-multiple-of-32", "size.out-of-range",
                                           "size.out-of-range", "memory.exceeds-limit", "batch.out-of-range",
                                           "opset.unsupported", "opset.int8-needs-13", "size.extreme-ratio",
                                           "memory.exceeds-available", "runtime.dynamic-unsupported"));
  try {
    throwIfInvalid(verdict);
    FAIL() << "an invalid size must throw";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().size(), 8u);
    EXPECT_EQ(error.exitStatus(), ExitStatus::kUsage);
  }
}

TEST(Contract, JudgesNumbersThatAreNoSize) {
  for (std::int64_t side : {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
    const Verdict verdict = checkSize({.size = {side, 800}});
    EXPECT_THAT(verdict.codes(), ElementsAre("size.not-positive")) << side;
    EXPECT_EQ(verdict.suggestions->below, (Size{320, 800}));
  }
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  EXPECT_THAT(codesOf({.size = {huge, huge}}), ElementsAre("size.not-multiple-of-32", "size.not-multiple-of-32",
                                                           "size.out-of-range", "size.out-of-range"));
  EXPECT_EQ(suggestSizes({huge, 1}).above, (Size{1536, 320}));
}

TEST(Contract, ComparesThePredictedMemoryWithWhatThereIs) {
  const Size size{800, 800};
  const auto codes = [&](std::int64_t predicted, std::int64_t available, std::int64_t limit) {
    return codesOf({.size = size, .predicted_memory = predicted, .available_memory = available, .memory_limit = limit});
  };
  EXPECT_THAT(codes(800, 1000, 800), IsEmpty());
  EXPECT_THAT(codes(801, 1000, 801), ElementsAre("memory.exceeds-available"));
  EXPECT_THAT(codes(801, 2000, 800), ElementsAre("memory.exceeds-limit"));
  EXPECT_THAT(codesOf({.size = size, .available_memory = 1, .memory_limit = 1}), IsEmpty());
}

TEST(Contract, KnowsBatchesOpsetsAndTargets) {
  const Size size{800, 800};
  for (int batch : {1, 64}) EXPECT_THAT(codesOf({.size = size, .batch = batch}), IsEmpty());
  for (int batch : {-1, 0, 65}) EXPECT_THAT(codesOf({.size = size, .batch = batch}), ElementsAre("batch.out-of-range"));
  for (int opset : {11, 12, 17}) EXPECT_THAT(codesOf({.size = size, .opset = opset}), IsEmpty());
  for (int opset : {10, 18, 99}) EXPECT_THAT(codesOf({.size = size, .opset = opset}), ElementsAre("opset.unsupported"));
  EXPECT_THAT(codesOf({.size = size, .opset = 12, .precision = Precision::kInt8}), ElementsAre("opset.int8-needs-13"));
  EXPECT_THAT(codesOf({.size = size, .opset = 13, .precision = Precision::kInt8}), IsEmpty());
  EXPECT_THAT(codesOf({.size = size, .dynamic = true, .target = &targetNamed("onnxruntime")}), IsEmpty());
  EXPECT_THAT(codesOf({.size = size, .dynamic = false, .target = &targetNamed("rknn")}), IsEmpty());
}

TEST(Contract, NamesTheClosestWordForAMisspeltOne) {
  const auto adviceFor = [](const auto& parse, const char* word) -> std::string {
    try {
      parse(word);
    } catch (const Error& error) {
      return error.problems().front().advice;
    }
    return "accepted";
  };
  EXPECT_THAT(adviceFor(targetNamed, "opencv_dnn"), HasSubstr("Did you mean opencv-dnn?"));
  EXPECT_THAT(adviceFor(parsePrecision, "fp8"), HasSubstr("Known are fp32, fp16, int8"));
  EXPECT_THAT(adviceFor(parseRounding, "upp"), HasSubstr("Did you mean up?"));
}

TEST(Contract, TakesTheTrainedSizesFromTheQuestion) {
  EXPECT_THAT(codesOf({.size = {800, 800}, .trained_sizes = {{736, 1280}}}), ElementsAre("size.untrained"));
  EXPECT_THAT(codesOf({.size = {736, 1280}, .trained_sizes = {{736, 1280}}}), IsEmpty());
  EXPECT_THAT(codesOf({.size = {800, 800}, .trained_sizes = {}}), IsEmpty());
}

TEST(Contract, RoundsIntoTheRange) {
  EXPECT_EQ(roundSize({819, 600}, Rounding::kUp), (Size{832, 608}));
  EXPECT_EQ(roundSize({819, 600}, Rounding::kDown), (Size{800, 576}));
  EXPECT_EQ(roundSize({819, 600}, Rounding::kClosest), (Size{832, 608}));
  EXPECT_EQ(roundSize({10, 9000}, Rounding::kUp), (Size{320, 1536}));
  EXPECT_EQ(roundSize({10, 9000}, Rounding::kUp, kPossibleSides), (Size{32, 8192}));
}

TEST(Contract, ReplacesOnlySizesThatCannotStay) {
  EXPECT_EQ(replacementSize({.size = {819, 600}}, Rounding::kDown), (Size{800, 576}));
  EXPECT_EQ(replacementSize({.size = {1536, 320}}, Rounding::kClosest), std::nullopt);
  EXPECT_EQ(replacementSize({.size = {800, 800}, .batch = 99}, Rounding::kClosest), std::nullopt);
  EXPECT_EQ(replacementSize({.size = {819, 600}, .any_size = true}, Rounding::kUp), std::nullopt);
  EXPECT_EQ(replacementSize({.size = {200, 200}, .allowed = {"size.out-of-range"}}, Rounding::kUp), (Size{224, 224}));
}

TEST(Contract, GivesTheVerdictAsJson) {
  const Json json = toJson(checkSize({.size = {800, 600}}));
  EXPECT_EQ(json["valid"], false);
  EXPECT_EQ(json["findings"][0]["code"], "size.not-multiple-of-32");
  EXPECT_EQ(json["findings"][0]["level"], "error");
  EXPECT_EQ(json["findings"][0]["details"]["remainder"], 24);
  EXPECT_EQ(json["findings"][0]["details"]["upsampled_length"], 76);
  EXPECT_EQ(json["findings"][0]["details"]["lateral_length"], 75);
  EXPECT_EQ(json["suggestions"]["closest"], (Json{{"height", 800}, {"width", 608}}));
  EXPECT_FALSE(toJson(checkSize({.size = {800, 800}})).contains("suggestions"));
}

}  // namespace
}  // namespace ocrdet
