// The doctor: sound sets in every layout are clean, and each of many planted faults is found where it was planted.
#include "dataset/check.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <regex>
#include <set>

#include "dataset/faults.h"
#include "image/decode.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;
using ocrdet::test::blocks;
using ocrdet::test::Fault;
using ocrdet::test::kFaults;
using ocrdet::test::SmallSet;
using ocrdet::test::turnedJpeg;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Codes of errors and warnings.
std::set<std::string> codesOf(const CheckReport& report) {
  std::set<std::string> codes;
  for (const FindingKind* kind : report.findings.found())
    if (kind->level != Level::kNote) codes.insert(kind->code);
  return codes;
}

TEST(Check, FindsEachPlantedFaultWhereItIsAndNothingElse) {
  std::set<std::string> planted;
  for (const Fault& fault : kFaults) {
    SCOPED_TRACE(fault.name);
    const SmallSet set(fault.name);
    fault.plant(set);
    const CheckReport report = checkDataset(set.path());
    EXPECT_EQ(codesOf(report), std::set<std::string>{fault.code});
    EXPECT_FALSE(report.clean());
    bool placed = false;
    for (const SetFinding& finding : report.findings.kept())
      placed = placed || (finding.kind->code == std::string(fault.code) && finding.file.ends_with(fault.file) &&
                          finding.line == fault.line);
    EXPECT_TRUE(placed) << toText(report, 10, true);
    planted.insert(fault.code);
  }
  EXPECT_GE(planted.size(), 30U);
}

// A drawn sign of which the lower edge leaves little fits the picture only if x and y were exchanged.
TEST(Check, DoesNotTakeWhatAnEdgeCutsOffForExchangedCoordinates) {
  const SmallSet set("cut");
  set.write("train_gts/tr1.txt", "10,10,60,10,60,30,10,30,a\n20,90,60,90,60,150,20,150,###\n");
  EXPECT_THAT(codesOf(checkDataset(set.path())), IsEmpty());
}

// One of many boxes that lies outside is a slip of the pen, even if it lay inside with x and y exchanged.
TEST(Check, DoesNotTakeOneBoxOutsideForExchangedCoordinates) {
  const SmallSet set("pen");
  std::string lines;
  for (int i = 0; i < 8; ++i) lines += fmt::format("{0},10,{1},10,{1},30,{0},30,a\n", 10 * i, 10 * i + 8);
  set.write("train_gts/tr1.txt", lines + "10,120,30,120,30,140,10,140,far below\n");
  const CheckReport report = checkDataset(set.path());
  EXPECT_EQ(codesOf(report), std::set<std::string>{"box.outside"});
  EXPECT_EQ(report.findings.kept().back().line, 9);
}

// Boxes that two strays leave behind are where they were, and lines of text.
TEST(Check, TakesBoxesOutsideForSuchWhenTheOthersAreSound) {
  const SmallSet set("strays");
  set.write("train_gts/tr1.txt",
            std::string(SmallSet::kTruth) + "10,110,60,110,60,140,10,140,a\n10,120,60,120,60,150,10,150,b\n");
  const CheckReport report = checkDataset(set.path());
  EXPECT_EQ(codesOf(report), std::set<std::string>{"box.outside"});
  EXPECT_EQ(report.findings.count(kinds::kBoxOutside), 2U);
}

// x and y exchanged by a program, and one corner a pixel beyond the edge, as labels of turned pictures have it.
TEST(Check, SeesExchangedCoordinatesAlthoughOneLiesBeyondTheEdge) {
  const SmallSet set("beyond");
  const std::string exchanged = "10,60,10,161,30,161,30,60,one\n50,20,52,140,80,139,78,19,two\n";
  set.write("train_gts/tr1.txt", exchanged);
  EXPECT_EQ(codesOf(checkDataset(set.path())), std::set<std::string>{"truth.swapped-axes"});
  set.write("train_images/tr5.jpg", turnedJpeg(blocks(51)));
  set.remove("train_images/tr5.png");
  set.replace("train_list.txt", "tr5.png", "tr5.jpg");
  set.write("train_gts/tr1.txt", SmallSet::kTruth);
  set.write("train_gts/tr5.txt", "10,10,60,10,60,30,10,30,one\n110,50,161,52,161,80,110,78,beyond\n");
  EXPECT_EQ(codesOf(checkDataset(set.path())), std::set<std::string>{"image.turned"});
}

TEST(Check, FindsTheSameShapeTheOtherWayRound) {
  const SmallSet set("reversed");
  set.write("test_gts/te1.txt", "10,10,10,30,60,30,60,10,one\n10,30,10,10,60,10,60,30,one\n");
  const CheckReport report = checkDataset(set.path());
  EXPECT_EQ(codesOf(report), (std::set<std::string>{"box.counter-clockwise", "box.duplicate"}));
}

TEST(Check, SaysWhereAShapeLiesWhoseSidesCross) {
  const SmallSet set("crossing");
  set.append("test_gts/te1.txt", "170,10,190,30,190,10,170,30,x\n");
  EXPECT_EQ(codesOf(checkDataset(set.path())), (std::set<std::string>{"box.self-intersecting", "box.outside"}));
}

TEST(Check, MissesTheFolderOfImages) {
  const SmallSet set("images");
  set.rename("test_images", "test_image");
  const CheckReport report = checkDataset(set.path());
  EXPECT_EQ(codesOf(report), (std::set<std::string>{"list.missing-image", "set.empty", "truth.orphan"}));
  EXPECT_EQ(report.findings.count(kinds::kListMissingImage), std::size_t(SmallSet::kImages));
  set.rename("train_images", "train_image");
  EXPECT_EQ(checkDataset(set.path()).findings.count(kinds::kSetEmpty), 2U);
}

// `.` and its full name are the same folder, and have the same form.
TEST(Check, DoesNotDependOnHowTheFolderIsCalled) {
  const SmallSet set("TD500");
  for (int i = 1; i <= SmallSet::kImages; ++i)
    for (const std::string stem : {"train_gts/tr", "test_gts/te"})
      set.write(stem + std::to_string(i) + ".txt", "10,10,60,10,60,30,10,30,0\n20,50,90,50,90,80,20,80,1\n");
  const fs::path before = fs::current_path();
  fs::current_path(set.path());
  const CheckReport report = checkDataset(".");
  fs::current_path(before);
  EXPECT_EQ(report.splits[0].form, TruthForm::kDifficulty);
  EXPECT_EQ(report.splits[0].ignored, std::size_t(SmallSet::kImages));
}

// The file that stands beside the name in the list is the truth, whatever it is called.
TEST(Check, TakesTheLabelThatTheListNames) {
  const SmallSet set("pairs");
  set.rename("train_gts/tr1.txt", "train_gts/0001.txt");
  set.replace("train_list.txt", "tr1.png", "tr1.png 0001.txt");
  EXPECT_THAT(codesOf(checkDataset(set.path())), IsEmpty());
  EXPECT_EQ(findTruth(set.path(), "train").front().truth.filename(), "0001.txt");
}

// Another folder's picture of the same name is another picture.
TEST(Check, DoesNotGuessPicturesOfOtherFolders) {
  const SmallSet set("other");
  set.replace("train_list.txt", "tr2.png", "other/tr2.png");
  EXPECT_EQ(codesOf(checkDataset(set.path())), (std::set<std::string>{"list.missing-image", "list.unlisted"}));
}

TEST(Check, FindsTheSameShapesInPixelsAlone) {
  const SmallSet set("shares");
  set.write("train_gts/tr1.txt", "0.1,0.1,0.3,0.1,0.3,0.2,0.1,0.2,a\n0.4,0.4,0.6,0.4,0.6,0.5,0.4,0.5,b\n");
  EXPECT_EQ(codesOf(checkDataset(set.path())), std::set<std::string>{"truth.normalised"});
}

// page.crop.txt is the truth of page.crop.png, and page.txt that of page.png, whichever is looked at first.
TEST(Check, GivesEachImageItsOwnTruth) {
  const SmallSet set("dots");
  for (const std::string stem : {"tr1.crop", "a.tr2"}) {
    set.write("train_images/" + stem + ".png", encodePng(blocks(int(stem.size()) + 70)));
    set.write("train_gts/" + stem + ".txt", SmallSet::kTruth);
    set.write("train_list.txt", stem + ".png\n" + set.read("train_list.txt"));
  }
  EXPECT_EQ(codesOf(checkDataset(set.path())), std::set<std::string>{"truth.ambiguous"});
}

TEST(Check, MissesTheFolderOfGroundTruth) {
  const SmallSet set("misspelt");
  set.rename("test_gts", "test_gt");
  const CheckReport report = checkDataset(set.path());
  EXPECT_EQ(codesOf(report), std::set<std::string>{"truth.missing"});
  EXPECT_EQ(report.findings.count(kinds::kTruthMissing), std::size_t(SmallSet::kImages));
}

TEST(Check, HasNothingToSayAboutASoundSet) {
  const SmallSet set("sound");
  const CheckReport report = checkDataset(set.path());
  EXPECT_THAT(report.findings.kept(), IsEmpty()) << toText(report, 10, true);
  ASSERT_EQ(report.splits.size(), 2U);
  EXPECT_EQ(report.splits[0].images, 6U);
  EXPECT_EQ(report.splits[0].texts, 12U);
  EXPECT_THAT(toText(report, 10, true), HasSubstr("0 errors, 0 warnings, 0 notes: nothing to mend"));
}

TEST(Check, TakesWhatIsNormalInGoodSetsForNotes) {
  const SmallSet set("normal");
  set.write("train_gts/tr1.txt", "");                                            // no text
  set.write("train_gts/tr2.txt", "10,10,60,10,60,30,10,30,###\n");               // all ignored
  set.append("train_gts/tr3.txt", "140,50,166,50,166,60,140,60,edge\n");         // a little outside
  set.append("train_gts/tr4.txt", "70,10,90,10,90,16,70,16,Smith, \"John\"\n");  // small; comma and quotes
  set.append("train_gts/tr5.txt", "90,10,90,30,70,30,70,10,turned\n");           // begins elsewhere
  set.append("train_gts/tr6.txt", "100,10,110,10,110,30,100,30,*\n");
  const CheckReport report = checkDataset(set.path());
  EXPECT_THAT(codesOf(report), IsEmpty()) << toText(report, 10, true);
  EXPECT_TRUE(report.clean());
  for (const FindingKind* kind : {&kinds::kTruthEmpty, &kinds::kTruthAllIgnored, &kinds::kBoxBeyondEdge,
                                  &kinds::kBoxSmall, &kinds::kTextComma, &kinds::kBoxFirstCorner, &kinds::kTextStar})
    EXPECT_EQ(report.findings.count(*kind), 1U) << kind->code;
}

// PaddleOCR's lists: the name, a tab, and all the ground truth in the same line.
TEST(Check, FindsTheNameInALongLineOfAList) {
  const SmallSet set("paddle");
  set.replace("train_list.txt", "tr2.png", "tr2.png\t[{\"transcription\": \"" + std::string(300, 'x') + "\"}]");
  EXPECT_THAT(codesOf(checkDataset(set.path())), IsEmpty());
}

// The name with `.txt` behind it is longer than the system allows; it must not be asked for.
TEST(Check, TakesNamesAsLongAsTheSystemAllows) {
  const SmallSet set("long");
  const std::string stem(251, 'n');
  set.rename("train_images/tr3.png", "train_images/" + stem + ".png");
  set.rename("train_gts/tr3.txt", "train_gts/" + stem + ".txt");
  set.replace("train_list.txt", "tr3", stem);
  EXPECT_THAT(codesOf(checkDataset(set.path())), IsEmpty());
}

TEST(Check, ReportsGroundTruthThatCannotBeReadAndGoesOn) {
  const SmallSet set("gone");
  set.append("train_gts/tr2.txt", "1,2,3\n");
  CheckOptions options;
  options.begin = [&](std::size_t) { set.remove("train_gts/tr1.txt"); };
  const CheckReport report = checkDataset(set.path(), options);
  EXPECT_EQ(codesOf(report), (std::set<std::string>{"truth.unreadable", "truth.count"}));
  EXPECT_EQ(report.splits[0].texts, 12U - 2U);
}

TEST(Check, OnlyTurnsToTheHeaderWhenAsked) {
  const SmallSet set("headers");
  const std::string png = set.read("train_images/tr4.png");
  set.write("train_images/tr4.png", png.substr(0, png.size() / 2));
  set.write("train_images/tr6.png", set.read("test_images/te2.png"));
  CheckOptions options;
  options.image.decode = false;
  EXPECT_EQ(codesOf(checkDataset(set.path(), options)), std::set<std::string>{"set.overlap"});
}

TEST(Check, SaysThatAnImageIsTooLargeBeforeItIsDecoded) {
  const SmallSet set("large");
  CheckOptions options;
  options.image.max_pixels = 10'000;
  EXPECT_EQ(codesOf(checkDataset(set.path(), options)), std::set<std::string>{"image.too-large"});
}

TEST(Check, WarnsOfATestListWhosePathSaysTrain) {
  const SmallSet set("train_of_something");
  EXPECT_EQ(codesOf(checkDataset(set.path())), std::set<std::string>{"list.path-says-train"});
}

TEST(Check, CountsWhatItDoesNotKeep) {
  const SmallSet set("many");
  std::string lines;
  for (int i = 0; i < 3000; ++i) lines += "70,10,90,10,90\n";
  set.write("train_gts/tr1.txt", lines);
  const CheckReport report = checkDataset(set.path());
  EXPECT_EQ(report.findings.count(kinds::kTruthCount), 3000U);
  EXPECT_EQ(report.findings.kept().size(), 1000U);
  EXPECT_EQ(toJson(report)["counts"]["truth.count"], 3000);
}

TEST(Check, GivesTheSameReportForAnyNumberOfThreads) {
  const SmallSet set("threads");
  for (int i = 1; i <= SmallSet::kImages; ++i) set.append("train_gts/tr" + std::to_string(i) + ".txt", "1,2,3\n");
  CheckOptions one, many;
  one.threads = 1;
  many.threads = 4;
  EXPECT_EQ(toJson(checkDataset(set.path(), one)), toJson(checkDataset(set.path(), many)));
}

// Sound sets in the other layouts.
TEST(Check, ReadsEveryLayoutAndForm) {
  struct Row {
    const char* name;
    std::vector<std::pair<std::string, std::string>> files;
    TruthForm form;
    int texts;
  };
  const std::string quads = SmallSet::kTruth;
  const Row rows[] = {
      {"modelscope",
       {{"train_images/a.b.jpg", ""}, {"train_gts/a.txt", quads}, {"train_list.txt", "a.b.jpg\n"}},
       TruthForm::kQuads,
       2},
      {"mhliao",
       {{"train_images/a.jpg", ""}, {"train_gts/a.jpg.txt", quads}, {"train_list.txt", "a.jpg\r\n"}},
       TruthForm::kQuads,
       2},
      {"icdar",
       {{"ch4_training_images/img_1.jpg", ""}, {"ch4_training_localization_transcription_gt/gt_img_1.txt", quads}},
       TruthForm::kQuads,
       2},
      {"bare", {{"img_1.jpg", ""}, {"gt_img_1.txt", quads}, {"readme.txt", "about"}}, TruthForm::kQuads, 2},
      {"labels", {{"images/1.jpg", ""}, {"labels/1.txt", quads}}, TruthForm::kQuads, 2},
      {"msra",
       {{"train/IMG_1.JPG", ""}, {"train/IMG_1.gt", "0 0 20 30 60 20 0.1\n1 1 20 60 60 20 -0.1\n"}},
       TruthForm::kRotatedBoxes,
       2},
      {"TD500",
       {{"train_images/1.jpg", ""},
        {"train_gts/1.jpg.txt", "10,10,60,10,60,30,10,30,0\n20,50,90,50,90,80,20,80,1\n"},
        {"train_list.txt", "1.jpg\n"}},
       TruthForm::kDifficulty,
       2},
      {"mlt",
       {{"images/1.jpg", ""},
        {"gts/gt_1.txt", "10,10,60,10,60,30,10,30,Latin,one\n20,50,90,50,90,80,20,80,None,###\n"}},
       TruthForm::kScripts,
       2},
      {"polygons",
       {{"train_images/1.jpg", ""},
        {"train_gts/1.jpg.txt", "10,10,35,8,60,10,60,30,35,28,10,30,curved\n20,50,90,50,90,80,20,80,flat\n"},
        {"train_list.txt", "1.jpg\n"}},
       TruthForm::kPolygons,
       2},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const fs::path folder = fs::path(::testing::TempDir()) / (std::string(row.name) + "_" + std::to_string(getpid()));
    for (const auto& [name, content] : row.files) {
      fs::create_directories((folder / name).parent_path());
      std::ofstream(folder / name, std::ios::binary) << (hasImageName(name) ? encodeJpeg(blocks(7)) : content);
    }
    const CheckReport report = checkDataset(folder);
    EXPECT_TRUE(report.clean()) << toText(report, 10, true);
    ASSERT_EQ(report.splits.size(), 1U);
    EXPECT_EQ(report.splits[0].form, row.form);
    EXPECT_EQ(report.splits[0].texts, std::size_t(row.texts));
    fs::remove_all(folder);
  }
}

TEST(Check, RefusesWhatIsNoDataSet) {
  const SmallSet set("none");
  EXPECT_THROW(checkDataset(set.path() / "nowhere"), Error);
  EXPECT_THROW(checkDataset(set.path() / "test_gts"), Error);
}

// Bytes of every kind as lists and ground truth: findings, no crash.
TEST(Check, SurvivesRandomFiles) {
  const SmallSet set("random");
  std::mt19937 random(20);
  const std::string signs = "0123456789,,,,..-e;\t \r\n\n#\"nai[{<\xEF\xBB\xBF\xFF\xFE" + std::string(1, '\0');
  for (int round = 0; round < 60; ++round) {
    std::string text;
    for (int i = 0; i < 400; ++i) text += signs[random() % signs.size()];
    set.write("train_gts/tr1.txt", text);
    set.write("test_list.txt", text);
    EXPECT_FALSE(checkDataset(set.path()).clean()) << "round " << round;
  }
}

TEST(FindingTable, IsWhatTheDocumentationLists) {
  std::ifstream file(std::string(OCRDET_SOURCE_DIR) + "/docs/dataset.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  for (const FindingKind* kind : kAllFindingKinds)
    EXPECT_THAT(page, HasSubstr("| `" + std::string(kind->code) + "` | " + std::string(name(kind->level)) + " | " +
                                (kind->fixable ? "yes" : "no") + " | " + kind->meaning + " |"));
  const std::regex row("\n\\| `[a-z]+\\.[a-z0-9-]+` \\| (error|warning|note) ");
  EXPECT_EQ(std::distance(std::sregex_iterator(page.begin(), page.end(), row), {}),
            std::ptrdiff_t(std::size(kAllFindingKinds)));
}

}  // namespace
}  // namespace ocrdet
