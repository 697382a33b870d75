// The protocol against figures of the official script's twin in Python (tests/reference/evaluate.py).
#include "eval/protocol.h"

#include <gmock/gmock.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

namespace ocrdet {
namespace {

using Json = nlohmann::json;

Polygon polygonOf(const Json& points) {
  Polygon polygon;
  for (const Json& point : points) polygon.push_back({point[0], point[1]});
  return polygon;
}

class GoldenSet : public ::testing::TestWithParam<const char*> {};

TEST_P(GoldenSet, GivesTheSamePairsAndFigures) {
  const Json set = Json::parse(std::ifstream(std::string(OCRDET_GOLDEN_DIR) + "/eval/" + GetParam()));
  SetScorer scorer;
  for (const Json& image : set["images"]) {
    SCOPED_TRACE(image["name"].get<std::string>());
    std::vector<TruthShape> truth;
    std::vector<Polygon> found;
    for (const Json& shape : image["truth"]) truth.push_back({polygonOf(shape["points"]), shape["ignore"]});
    for (const Json& shape : image["found"]) found.push_back(polygonOf(shape));
    const ImageScore score = scoreImage(truth, found, {set["iou"], set["area_precision"]});
    const Json& expected = image["expected"];
    EXPECT_EQ(score.truth, expected["truth"]);
    EXPECT_EQ(score.found, expected["found"]);
    EXPECT_EQ(Json(score.truth_ignored), expected["truth_ignored"]);
    EXPECT_EQ(Json(score.found_excluded), expected["found_excluded"]);
    EXPECT_EQ(Json(score.pairs), expected["pairs"]);
    EXPECT_EQ(score.truth_cared, expected["truth_cared"]);
    EXPECT_EQ(score.found_cared, expected["found_cared"]);
    EXPECT_DOUBLE_EQ(score.precision, expected["precision"]);
    EXPECT_DOUBLE_EQ(score.recall, expected["recall"]);
    EXPECT_DOUBLE_EQ(score.hmean, expected["hmean"]);
    const Fates fates = fatesOf(truth, found, score);
    const auto counted = [](const auto& list, auto fate) { return int(std::count(list.begin(), list.end(), fate)); };
    EXPECT_EQ(counted(fates.truth, TruthFate::kFound), int(score.pairs.size()));
    EXPECT_EQ(counted(fates.truth, TruthFate::kFound) + counted(fates.truth, TruthFate::kMissed), score.truth_cared);
    EXPECT_EQ(counted(fates.truth, TruthFate::kUnusable), int(truth.size()) - score.truth);
    EXPECT_EQ(counted(fates.found, FoundFate::kRight), int(score.pairs.size()));
    EXPECT_EQ(counted(fates.found, FoundFate::kRight) + counted(fates.found, FoundFate::kFalseAlarm),
              score.found_cared);
    EXPECT_EQ(counted(fates.found, FoundFate::kExcluded), int(score.found_excluded.size()));
    scorer.add(score);
  }
  const SetScore total = scorer.score();
  EXPECT_EQ(total.matched, set["expected"]["matched"]);
  EXPECT_EQ(total.truth_cared, set["expected"]["truth_cared"]);
  EXPECT_EQ(total.found_cared, set["expected"]["found_cared"]);
  EXPECT_DOUBLE_EQ(total.precision, set["expected"]["precision"]);
  EXPECT_DOUBLE_EQ(total.recall, set["expected"]["recall"]);
  EXPECT_DOUBLE_EQ(total.hmean, set["expected"]["hmean"]);
}

INSTANTIATE_TEST_SUITE_P(Golden, GoldenSet, ::testing::Values("eval_cases.json", "eval_random.json", "eval_all.json"),
                         [](const auto& file) {
                           return std::string(file.param).substr(0, std::strlen(file.param) - 5);
                         });

}  // namespace
}  // namespace ocrdet
