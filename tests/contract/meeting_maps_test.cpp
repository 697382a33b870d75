#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "ocrdet/contract.h"

namespace ocrdet {
namespace {

using Outcome = MeetingMaps::Outcome;

nlohmann::json recordedByPyTorch() {
  std::ifstream file(OCRDET_GOLDEN_DIR "/network/sizes.json");
  return nlohmann::json::parse(file);
}

TEST(MeetingMaps, PredictWhatPyTorchDidWithEveryRecordedSize) {
  int failures = 0;
  const nlohmann::json recorded = recordedByPyTorch();
  for (const auto& entry : recorded) {
    const Size size{entry["height"], entry["width"]};
    const auto failure = pyTorchFailure(size);
    ASSERT_EQ(failure.has_value(), entry["result"] == "error") << toText(size);
    if (failure) {
      EXPECT_EQ(pyTorchMessage(*failure), entry["message"]) << toText(size);
      ++failures;
      continue;
    }
    const Size output = entry.contains("output") ? Size{entry["output"][0], entry["output"][1]} : size;
    EXPECT_EQ((Size{meetingMaps(size.height).output, meetingMaps(size.width).output}), output) << toText(size);
    EXPECT_EQ(output == size, entry["result"] == "ok") << toText(size);
  }
  EXPECT_EQ(recorded.size(), 266u);
  EXPECT_GT(failures, 220);
}

// The same through the door that users take: the two lengths that PyTorch printed are among the finding's details.
TEST(MeetingMaps, ReachTheVerdictWithBothLengths) {
  for (const auto& entry : recordedByPyTorch()) {
    const Size size{entry["height"], entry["width"]};
    const Verdict verdict = checkSize({.size = size});
    EXPECT_EQ(verdict.pytorch_message, entry.value("message", "")) << toText(size);
    std::vector<std::string> lengths;
    for (const Finding& finding : verdict.findings) {
      for (const Detail& detail : finding.details) {
        if (detail.name == "upsampled_length")
          lengths.push_back("a (" + std::to_string(std::get<0>(detail.value)) + ")");
        if (detail.name == "lateral_length") lengths.back() += " b (" + std::to_string(std::get<0>(detail.value)) + ")";
      }
    }
    const bool named = std::any_of(lengths.begin(), lengths.end(), [&](const std::string& pair) {
      const std::string said = entry.value("message", "");
      const std::size_t b = pair.find(" b (");
      return said.find(pair.substr(0, b)) != std::string::npos && said.find(pair.substr(b + 1)) != std::string::npos;
    });
    EXPECT_EQ(named, entry["result"] == "error") << toText(size);
  }
}

// What the network was observed to do beyond 32, by the remainder: REFERENCE's table, written down independently.
TEST(MeetingMaps, FollowTheRemainder) {
  for (std::int64_t side = 33; side <= 20000; ++side) {
    const std::int64_t k = side / 32, r = side % 32;
    const MeetingMaps maps = meetingMaps(side);
    if (r == 0 || r >= 29) {
      EXPECT_EQ(maps.outcome, r == 0 ? Outcome::kRuns : Outcome::kRunsSilentlyWrong) << side;
      EXPECT_EQ(maps.output, r == 0 ? side : 32 * (k + 1)) << side;
      continue;
    }
    const std::size_t addition = r <= 16 ? 0 : r <= 24 ? 1 : 2;
    const std::int64_t upsampled = (k + 1) * (std::int64_t{2} << addition);
    EXPECT_EQ(maps.outcome, Outcome::kFails) << side;
    EXPECT_EQ(maps.addition, addition) << side;
    EXPECT_EQ(maps.upsampled, upsampled) << side;
    EXPECT_EQ(maps.lateral, upsampled - 1) << side;
  }
}

TEST(MeetingMaps, NameTheEarlierAdditionAndThereTheWidth) {
  EXPECT_EQ(pyTorchFailure({57, 33})->dimension, 3);  // the width fails at 1/16, the height only at 1/4
  EXPECT_EQ(pyTorchFailure({33, 57})->dimension, 2);
  EXPECT_EQ(pyTorchFailure({750, 750})->dimension, 3);
  EXPECT_EQ(pyTorchFailure({1080, 1920})->dimension, 2);
  EXPECT_FALSE(pyTorchFailure({669, 800}).has_value());
}

TEST(MeetingMaps, AreDefinedForTheLargestNumber) {
  for (std::int64_t back = 0; back < 40; ++back) {
    const MeetingMaps maps = meetingMaps(std::numeric_limits<std::int64_t>::max() - back);
    if (maps.outcome == Outcome::kFails) {
      EXPECT_EQ(maps.upsampled, maps.lateral + 1);
    } else {
      EXPECT_GE(maps.output, std::numeric_limits<std::int64_t>::max() - back - 31);
    }
  }
}

}  // namespace
}  // namespace ocrdet
