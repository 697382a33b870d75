// Lines that cannot be read, in each form: which finding they give, and what it says.
#include <gmock/gmock.h>

#include "base/cancellation.h"
#include "dataset/check_truth.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// "truth.count at 1: 3 numbers …" of each finding.
std::vector<std::string> findingsOf(const std::string& text, TruthForm form) {
  Findings findings;
  checkLines(text, form, findings);
  std::vector<std::string> found;
  for (const SetFinding& finding : findings.kept())
    found.push_back(finding.kind->code + (" at " + std::to_string(finding.line)) + ": " + finding.message);
  return found;
}

// x,y of `corners` corners on a parabola, and a text.
std::string polygonOf(int corners) {
  std::string line;
  for (int i = 0; i < corners; ++i) line += std::to_string(i) + "," + std::to_string(i * i) + ",";
  return line + "word";
}

TEST(CheckLines, SaysWhyALineCannotBeRead) {
  struct Row {
    TruthForm form;
    std::string line, finding;
  };
  const Row rows[] = {
      {TruthForm::kQuads, "1,2,3,4,5,six,7,8,text", "truth.not-a-number at 1: number 6 is \"six\""},
      {TruthForm::kQuads, "1,2,30,40,text", "truth.count at 1: 4 numbers instead of 8 (a rectangle"},
      {TruthForm::kQuads, "1,2,2e7,4,5,6,7,8,text", "truth.not-finite at 1: number 3 is \"2e7\""},
      {TruthForm::kRotatedBoxes, "1 0 10 20 x 5 0.1", "truth.not-a-number at 1: number 5 is \"x\""},
      {TruthForm::kRotatedBoxes, "1 0 10 20 30 5", "truth.count at 1: 6 numbers instead of 7:"},
      {TruthForm::kRotatedBoxes, "1 0 10 20", "truth.count at 1: 4 numbers instead of 7:"},
      {TruthForm::kRotatedBoxes, "1 0 10\t20 nan 5 0.1", "truth.not-finite at 1: number 5 is \"nan\""},
      {TruthForm::kPolygons, "10,10,50,10,50,30,1O,30,word", "truth.not-a-number at 1: number 7 is \"1O\""},
      {TruthForm::kPolygons, "10,10,50,10,50,30,,30,word", "truth.not-a-number at 1: number 7 is \"\""},
      {TruthForm::kPolygons, "10,10,50,10,50,30,1e9,30,word", "truth.not-finite at 1: number 7 is \"1e9\""},
      {TruthForm::kPolygons, "10,10,50,10,50,30,10,word", "truth.odd-count at 1: 7 coordinates"},
      {TruthForm::kPolygons, "10,10,50,10,word", "truth.count at 1: 4 numbers instead of at least 6"},
      {TruthForm::kPolygons, polygonOf(1001), "truth.many-corners at 1: 2002 coordinates, 2000 are the most"},
  };
  for (const Row& row : rows)
    EXPECT_THAT(findingsOf(row.line, row.form), ElementsAre(HasSubstr(row.finding))) << row.line.substr(0, 80);
}

TEST(CheckLines, TakesAPolygonOfNumbersAloneForOneWithoutText) {
  Findings findings;
  const CheckedLines lines = checkLines("10,10,50,10,50,30,10,30\n", TruthForm::kPolygons, findings);
  EXPECT_EQ(findings.count(kinds::kTruthNoText), 1U);
  EXPECT_EQ(findings.kept().size(), 1U);
  ASSERT_EQ(lines.truth.size(), 1U);
  EXPECT_EQ(lines.truth[0].truth.points.size(), 4U);
  EXPECT_EQ(lines.truth[0].truth.text, "");
  EXPECT_FALSE(lines.unreadable);
}

TEST(CheckLines, LeavesCommasInTextsAlone) {
  EXPECT_THAT(findingsOf("10,10,50,10,50,30,10,30,Tom, Jerry\n", TruthForm::kPolygons),
              ElementsAre(HasSubstr("text.comma at 1")));
  EXPECT_THAT(findingsOf("10,10,50,10,50,30,10,30,Tokyo, 2020, Japan\n", TruthForm::kPolygons),
              ElementsAre(HasSubstr("text.comma at 1")));
  EXPECT_THAT(findingsOf(polygonOf(1000), TruthForm::kPolygons), IsEmpty());
}

// Numbers behind the eighth comma are the text; decimals with commas are no coordinates.
TEST(CheckLines, DoesNotTakeTextsOrDecimalsForCoordinates) {
  EXPECT_THAT(findingsOf("10,10,90,10,90,40,10,40,12 34 56 78\n", TruthForm::kQuads), IsEmpty());
  EXPECT_THAT(findingsOf("10,10,60,10,60,30,10,30,12,34,56,78\n", TruthForm::kQuads),
              Not(Contains(HasSubstr("truth.mixed-form"))));
  EXPECT_THAT(findingsOf("10,5;10,5;90,5;10,5;90,5;40,5;10,5;40,5;text\n", TruthForm::kQuads),
              ElementsAre(HasSubstr("truth.mixed-form")));
  EXPECT_THAT(findingsOf("10,5;10,5;20,5;10,5;9000,5;4000,5;1000,5;4000,5;text\n", TruthForm::kQuads),
              ElementsAre(HasSubstr("truth.count")));
}

TEST(CheckLines, GoesOnBehindAnAbsurdNumberBetweenBlanks) {
  EXPECT_THAT(findingsOf("70 10 2e7 10 90 30 70 30 text\n1,2,3\n", TruthForm::kQuads),
              ElementsAre(HasSubstr("truth.separator at 1"), HasSubstr("truth.not-finite at 1: number 3 is \"2e7\""),
                          HasSubstr("truth.count at 2")));
}

TEST(CheckLines, CanBeInterrupted) {
  setInterrupted(true);
  EXPECT_THROW(findingsOf("1,2,3\n", TruthForm::kQuads), Error);
  setInterrupted(false);
}

}  // namespace
}  // namespace ocrdet
