// Mended copies: every planted fault that can be mended is, and what is left is right.
#include "dataset/fix.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstring>
#include <map>
#include <set>

#include "base/cancellation.h"
#include "dataset/faults.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;
using ocrdet::test::Fault;
using ocrdet::test::kFaults;
using ocrdet::test::SmallSet;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const FindingKind* kindCalled(const std::string& code) {
  for (const FindingKind* kind : kAllFindingKinds)
    if (kind->code == code) return kind;
  return nullptr;
}

std::set<std::string> fixableCodes(const CheckReport& report) {
  std::set<std::string> codes;
  for (const FindingKind* kind : report.findings.found())
    if (kind->fixable) codes.insert(kind->code);
  return codes;
}

TEST(Fix, LeavesNothingThatCanBeMendedAndSaysWhatItDid) {
  for (const Fault& fault : kFaults) {
    if (std::strcmp(fault.code, "set.empty") == 0) continue;
    SCOPED_TRACE(fault.name);
    const SmallSet set(std::string("fix_") + fault.name);
    fault.plant(set);
    const fs::path out = set.path().string() + "_fixed";
    const FixReport report = fixDataset(set.path(), out);
    EXPECT_EQ(fixableCodes(checkDataset(out)), std::set<std::string>{}) << toText(checkDataset(out), 5, false);
    bool said = false;
    for (const FixAction& action : report.actions) said = said || action.finding.kind->code == std::string(fault.code);
    if (kindCalled(fault.code)->fixable) {
      EXPECT_TRUE(said);
      EXPECT_THAT(toText(report, 5), HasSubstr(fault.code));
    }
    fs::remove_all(out);
  }
}

TEST(Fix, CopiesASoundSetAsItIs) {
  const SmallSet set("copy");
  const fs::path out = set.path() / "copy";
  const FixReport report = fixDataset(set.path(), out);
  EXPECT_TRUE(report.actions.empty());
  EXPECT_EQ(report.images, 12U);
  for (const char* name : {"train_list.txt", "test_list.txt", "train_images/tr3.png", "test_gts/te5.txt"})
    EXPECT_EQ(set.read(name), set.read(std::string("copy/") + name)) << name;
}

// The lines of the truth of tr1 after mending.
std::vector<std::string> mendedLines(const std::string& truth) {
  const SmallSet set("lines");
  set.write("train_gts/tr1.txt", truth);
  fixDataset(set.path(), set.path() / "out");
  std::istringstream text(set.read("out/train_gts/tr1.txt"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

TEST(Fix, PutsCornersAndTextsRight) {
  EXPECT_THAT(mendedLines("70,10,90,30,90,10,70,30,x\n"), ElementsAre("70,10,90,10,90,30,70,30,x"));
  EXPECT_THAT(mendedLines("70,10,70,30,90,30,90,10,x\n"), ElementsAre("70,10,90,10,90,30,70,30,x"));
  EXPECT_THAT(mendedLines("0.1,0.25,0.5,0.25,0.5,0.5,0.1,0.5,x\n"), ElementsAre("16,24,80,24,80,48,16,48,x"));
  EXPECT_THAT(mendedLines("10,20,30,20,30,150,10,150,x\n"), ElementsAre("20,10,150,10,150,30,20,30,x"));
  EXPECT_THAT(mendedLines("70,10,90,10,90,30,70,30,1,###\n"), ElementsAre("70,10,90,10,90,30,70,30,\"1,###\""));
  EXPECT_THAT(mendedLines("70,10,90,10,90,30,70,30, ###\n"), ElementsAre("70,10,90,10,90,30,70,30,###"));
  EXPECT_THAT(mendedLines("70,10,90,10,90,11,70,11,x\n"), ElementsAre("70,10,90,10,90,11,70,11,###"));
  EXPECT_THAT(mendedLines("1,1,9,1,9,9,1,9,a\n500,1,509,1,509,9,500,9,b\n\n"), ElementsAre("1,1,9,1,9,9,1,9,a"));
  EXPECT_THAT(mendedLines("70 10 90 10 90 30 70 30 two words\n"), ElementsAre("70,10,90,10,90,30,70,30,two words"));
  EXPECT_THAT(mendedLines("70,10;90,10;90,30;70,30;a, b\n"), ElementsAre("70,10,90,10,90,30,70,30,a, b"));
  EXPECT_THAT(mendedLines("70,10,90,10,90,30,70,30,*\n"), ElementsAre("70,10,90,10,90,30,70,30,###"));
  EXPECT_THAT(mendedLines("70,10,90,10,90,30,70,30,#\x01##\n"), ElementsAre("70,10,90,10,90,30,70,30,###"));
}

TEST(Fix, KeepsTheReadableOneOfTwins) {
  EXPECT_THAT(mendedLines("70,10,90,10,90,30,70,30,###\n70,10,90,10,90,30,70,30,x\n"),
              ElementsAre("70,10,90,10,90,30,70,30,x"));
}

TEST(Fix, LeavesOutImagesWhoseTruthCannotBeUnderstood) {
  const SmallSet set("lost");
  set.append("train_gts/tr1.txt", "1,2,3,4,5,six,7,8,text\n");
  set.write("train_images/tr2.png", set.read("test_images/te1.png"));
  const FixReport report = fixDataset(set.path(), set.path() / "out");
  EXPECT_EQ(report.images, 10U);
  EXPECT_EQ(report.left_out, 2U);
  EXPECT_FALSE(fs::exists(set.path() / "out/train_images/tr1.png"));
  EXPECT_FALSE(fs::exists(set.path() / "out/train_images/tr2.png"));
  EXPECT_TRUE(fs::exists(set.path() / "out/test_images/te1.png"));
}

// What was wrong with its ground truth was not mended.
TEST(Fix, TellsOfAnImageThatItLeavesOutThatAlone) {
  const SmallSet set("silent");
  set.write("train_images/tr4.png", "");
  set.append("train_gts/tr4.txt", "\n\n70,10,90,10,90,30,70,30,####\n");
  const FixReport report = fixDataset(set.path(), set.path() / "out");
  EXPECT_EQ(report.counts, (std::map<const FindingKind*, std::size_t>{{&kinds::kImageEmpty, 1}}));
}

TEST(Fix, ReadsPolygonsBetweenBlanks) {
  const SmallSet set("polygons");
  for (int i = 1; i <= SmallSet::kImages; ++i)
    set.write(fmt::format("train_gts/tr{}.txt", i), "10 10 35 8 60 10 60 30 35 28 10 30 curved\n");
  fixDataset(set.path(), set.path() / "out");
  EXPECT_EQ(set.read("out/train_gts/tr1.txt"), "10,10,35,8,60,10,60,30,35,28,10,30,curved\n");
}

TEST(Fix, PutsCurvedOutlinesOfTwoEdgesInOrder) {
  const SmallSet set("edges");
  const std::string edges = "10,20,30,10,50,8,70,10,90,20,10,40,30,30,50,28,70,30,90,40,curved\n";
  for (int i = 1; i <= SmallSet::kImages; ++i) set.write(fmt::format("train_gts/tr{}.txt", i), edges);
  fixDataset(set.path(), set.path() / "out");
  EXPECT_EQ(set.read("out/train_gts/tr1.txt"), "10,20,30,10,50,8,70,10,90,20,90,40,70,30,50,28,30,30,10,40,curved\n");
}

// Lines of an old editor with one line feed behind them, as `echo >>` leaves it.
TEST(Fix, SplitsLinesAtReturnsThatStandAlone) {
  const SmallSet set("returns");
  set.write("train_gts/tr1.txt", "1,1,9,1,9,9,1,9,a\r20,1,29,1,29,9,20,9,b\r40,1,49,1,49,9,40,9,c\r\r\n");
  fixDataset(set.path(), set.path() / "out");
  EXPECT_EQ(set.read("out/train_gts/tr1.txt"), "1,1,9,1,9,9,1,9,a\n20,1,29,1,29,9,20,9,b\n40,1,49,1,49,9,40,9,c\n");
}

TEST(Fix, ReadsTextsThatAreNotUtf8) {
  struct Row {
    const char *name, *texts[2], *mended[2];
  };
  const Row rows[] = {
      {"western",
       {"Stra\xDF"
        "e",
        "M\xFCller"},
       {"Straße", "Müller"}},
      {"chinese", {"\xD6\xD0\xCE\xC4", "caf\xA8\xA6"}, {"中文", "café"}},
      {"damaged",
       {"中文字",
        "日\xE6\x9C"
        "x"},
       {"中文字", "日\xEF\xBF\xBDx"}},
  };
  for (const Row& row : rows) {
    const SmallSet set(row.name);
    const auto lines = [](const char* const* texts) {
      return fmt::format("1,1,9,1,9,9,1,9,{}\n20,1,29,1,29,9,20,9,{}\n", texts[0], texts[1]);
    };
    set.write("train_gts/tr1.txt", lines(row.texts));
    fixDataset(set.path(), set.path() / "out");
    EXPECT_EQ(set.read("out/train_gts/tr1.txt"), lines(row.mended)) << row.name;
  }
}

// Without them the picture would teach that what is on it is no text.
TEST(Fix, LeavesOutAnImageOfWhichNoShapeIsLeft) {
  const SmallSet set("unusable");
  set.write("train_gts/tr1.txt", "500,1,509,1,509,9,500,9,outside\n70,10,90,10,90,10,70,10,flat\n");
  set.write("train_gts/tr2.txt", "500,1,509,1,509,9,500,9,outside\n10,10,60,10,60,30,10,30,one\n");
  const FixReport report = fixDataset(set.path(), set.path() / "out");
  EXPECT_EQ(report.left_out, 1U);
  EXPECT_THAT(toText(report, 5), HasSubstr("truth.unusable: left out with its image  (1)"));
  EXPECT_THAT(toText(report, 5), HasSubstr("tr1.txt: none of 2 shapes can be kept"));
  EXPECT_FALSE(fs::exists(set.path() / "out/train_images/tr1.png"));
  EXPECT_EQ(set.read("out/train_gts/tr2.txt"), "10,10,60,10,60,30,10,30,one\n");
}

// From edge to edge in fractions of the width, and a little beyond it.
TEST(Fix, SeesNormalisedCoordinatesAtTheEdges) {
  const SmallSet set("fractions");
  set.write("train_gts/tr1.txt", "0,0.25,1,0.25,1,0.5,0,0.5,from edge to edge\n");
  set.write("train_gts/tr2.txt", "0.5,0.25,1.002,0.25,1.002,0.5,0.5,0.5,beyond\n");
  fixDataset(set.path(), set.path() / "out");
  EXPECT_EQ(set.read("out/train_gts/tr1.txt"), "0,24,160,24,160,48,0,48,from edge to edge\n");
  EXPECT_EQ(set.read("out/train_gts/tr2.txt"), "80,24,160.32,24,160.32,48,80,48,beyond\n");
}

TEST(Fix, NamesPicturesWithoutBlanksAtTheEnds) {
  const SmallSet set("blanks");
  set.write("train_images/ lead.png", set.read("train_images/tr1.png"));
  set.write("train_gts/ lead.txt", SmallSet::kTruth);
  set.remove("train_images/tr1.png");
  set.remove("train_gts/tr1.txt");
  set.remove("train_list.txt");
  fixDataset(set.path(), set.path() / "out");
  EXPECT_TRUE(fs::exists(set.path() / "out/train_images/lead.png"));
  EXPECT_EQ(checkDataset(set.path() / "out").findings.count(kinds::kListMissingImage), 0U);
}

TEST(Fix, KeepsTheTwinOfAnImageThatIsLeftOut) {
  const SmallSet set("twins");
  set.write("train_gts/tr1.txt", "1,2,3\n");
  set.write("train_images/tr2.png", set.read("train_images/tr1.png"));
  set.remove("test_gts/te1.txt");
  set.write("train_images/tr3.png", set.read("test_images/te1.png"));
  const FixReport report = fixDataset(set.path(), set.path() / "out");
  EXPECT_EQ(report.images, 10U);
  EXPECT_EQ(report.left_out, 2U);
  EXPECT_FALSE(fs::exists(set.path() / "out/train_images/tr1.png"));
  EXPECT_FALSE(fs::exists(set.path() / "out/test_images/te1.png"));
  EXPECT_TRUE(fs::exists(set.path() / "out/train_images/tr2.png"));
  EXPECT_TRUE(fs::exists(set.path() / "out/train_images/tr3.png"));
}

TEST(Fix, LeavesOutAnImageWhoseTruthCannotBeRead) {
  const SmallSet set("gone");
  CheckOptions options;
  options.begin = [&](std::size_t) { set.remove("test_gts/te1.txt"); };
  const FixReport report = fixDataset(set.path(), set.path() / "out", options);
  EXPECT_EQ(report.left_out, 1U);
  EXPECT_EQ(report.counts, (std::map<const FindingKind*, std::size_t>{{&kinds::kTruthUnreadable, 1}}));
}

TEST(Fix, CountsWhatItDoesNotList) {
  const SmallSet set("many");
  set.append("train_gts/tr1.txt", std::string(1500, '\n'));
  set.append("train_gts/tr2.txt", std::string(700, '\n'));
  std::string missing;
  for (int i = 0; i < 1200; ++i) missing += "no" + std::to_string(i) + ".jpg\n";
  set.append("test_list.txt", missing);
  const FixReport report = fixDataset(set.path(), set.path() / "out");
  EXPECT_THAT(toText(report, 5), HasSubstr("truth.blank-line: removed  (2200)"));
  EXPECT_THAT(toText(report, 5), HasSubstr("… and 2195 more"));
  EXPECT_EQ(toJson(report)["counts"]["list.missing-image"], 1200);
  EXPECT_EQ(report.actions.size(), 1000U + 700U + 1000U);
}

TEST(Fix, NeverTouchesWhatIsThere) {
  const SmallSet set("there");
  EXPECT_THROW(fixDataset(set.path(), set.path()), Error);
  EXPECT_THROW(fixDataset(set.path(), set.path() / "train_images"), Error);
  EXPECT_EQ(checkDataset(set.path()).splits[0].images, 6U);
}

TEST(Fix, LeavesNoHalfCopyWhenItIsStopped) {
  const SmallSet set("stopped");
  const fs::path out = set.path().string() + "_half";
  CheckOptions options;
  options.threads = 1;
  int done = 0;
  options.after_each = [&] {
    if (++done == 3) setInterrupted(true);
  };
  EXPECT_THROW(fixDataset(set.path(), out, options), Error);
  setInterrupted(false);
  EXPECT_FALSE(fs::exists(out));
  for (const fs::directory_entry& entry : fs::directory_iterator(out.parent_path()))
    EXPECT_EQ(entry.path().filename().string().find("." + out.filename().string()), std::string::npos);
}

TEST(Fix, SaysWhenNothingCanBeKept) {
  const SmallSet set("nothing");
  for (int i = 1; i <= SmallSet::kImages; ++i)
    for (const std::string stem : {"train_gts/tr", "test_gts/te"}) set.remove(stem + std::to_string(i) + ".txt");
  try {
    fixDataset(set.path(), set.path() / "out");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.code().name, "dataset.truth-missing");
  }
  EXPECT_FALSE(fs::exists(set.path() / "out"));
}

// Random shapes: whatever goes in, the doctor accepts what comes out.
TEST(Fix, MendsRandomShapes) {
  std::mt19937 random(4);
  const SmallSet set("shapes");
  for (int round = 0; round < 20; ++round) {
    std::string lines;
    for (int i = 0; i < 12; ++i) {
      for (int k = 0; k < 8; ++k) lines += std::to_string(int(random() % 260) - 50) + ",";
      lines += "t\n";
    }
    set.write("train_gts/tr1.txt", lines);
    const fs::path out = set.path() / ("out" + std::to_string(round));
    fixDataset(set.path(), out);
    EXPECT_EQ(fixableCodes(checkDataset(out)), std::set<std::string>{}) << toText(checkDataset(out), 5, false) << lines;
  }
}

}  // namespace
}  // namespace ocrdet
