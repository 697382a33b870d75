// The doctor: sound sets in every layout are clean, and each of many planted faults is found where it was planted.
#include "dataset/check.h"

#include <gmock/gmock.h>

#include <regex>
#include <set>

#include "dataset/small_set.h"
#include "image/decode.h"
#include "image/resize.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;
using ocrdet::testing::blocks;
using ocrdet::testing::SmallSet;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Codes of errors and warnings.
std::set<std::string> codesOf(const CheckReport& report) {
  std::set<std::string> codes;
  for (const FindingKind* kind : report.findings.found())
    if (kind->level != Level::kNote) codes.insert(kind->code);
  return codes;
}

struct Fault {
  const char* name;
  void (*plant)(const SmallSet&);
  const char* code;
  const char* file;  // how the path ends
  int line = 0;
};

std::string utf16(const std::string& text) {
  std::string bytes = "\xFF\xFE";
  for (const char c : text) bytes += {c, '\0'};
  return bytes;
}

// A JPEG file whose EXIF block says: turn by a quarter.
std::string turnedJpeg(const Image& image) {
  const std::string jpeg = encodeJpeg(image);
  const std::string exif(
      "\xFF\xE1\x00\x22"
      "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0",
      36);
  return jpeg.substr(0, 2) + exif + jpeg.substr(2);
}

const Fault kFaults[] = {
    {"MissingImage",
     [](const SmallSet& set) {
       set.remove("train_images/tr2.png");
       set.remove("train_gts/tr2.txt");
     },
     "list.missing-image", "train_list.txt", 2},
    {"WrongCase",
     [](const SmallSet& set) {
       set.rename("train_images/tr3.png", "train_images/TR3.PNG");
       set.rename("train_gts/tr3.txt", "train_gts/TR3.txt");
     },
     "list.wrong-case", "train_list.txt", 3},
    {"ListedTwice", [](const SmallSet& set) { set.append("test_list.txt", "te1.png\n"); }, "list.duplicate",
     "test_list.txt", 7},
    {"Unlisted",
     [](const SmallSet& set) {
       set.write("test_images/extra.png", encodePng(blocks(99)));
       set.write("test_gts/extra.txt", "");
     },
     "list.unlisted", "test_images/extra.png"},
    {"OutsideFolder", [](const SmallSet& set) { set.append("train_list.txt", "../elsewhere/x.png\n"); }, "list.outside",
     "train_list.txt", 7},
    {"ByteOrderMark",
     [](const SmallSet& set) { set.write("train_gts/tr1.txt", "\xEF\xBB\xBF" + set.read("train_gts/tr1.txt")); },
     "encoding.mark", "tr1.txt", 1},
    {"ByteOrderMarkOfList",
     [](const SmallSet& set) { set.write("test_list.txt", "\xEF\xBB\xBF" + set.read("test_list.txt")); },
     "encoding.mark", "test_list.txt", 1},
    {"Utf16", [](const SmallSet& set) { set.write("train_gts/tr2.txt", utf16(SmallSet::kTruth)); }, "encoding.utf16",
     "tr2.txt"},
    {"Gbk", [](const SmallSet& set) { set.replace("train_gts/tr2.txt", "two words", "\xD6\xD0\xCE\xC4"); },
     "encoding.not-utf8", "tr2.txt", 2},
    {"MacLineEnds",
     [](const SmallSet& set) {
       set.write("test_gts/te1.txt", "10,10,60,10,60,30,10,30,a\r20,50,90,50,90,80,20,80,b\r");
     },
     "encoding.line-ends", "te1.txt"},
    {"NoPicture", [](const SmallSet& set) { set.write("train_images/tr4.png", "<html>not found</html>"); },
     "image.unreadable", "tr4.png"},
    {"CutPicture",
     [](const SmallSet& set) {
       const std::string png = set.read("train_images/tr4.png");
       set.write("train_images/tr4.png", png.substr(0, png.size() / 2));
     },
     "image.truncated", "tr4.png"},
    {"EmptyPicture", [](const SmallSet& set) { set.write("test_images/te4.png", ""); }, "image.empty", "te4.png"},
    {"StampPicture",
     [](const SmallSet& set) {
       set.write("test_images/te4.png", encodePng(blocks(50, 20, 160)));
       set.write("test_gts/te4.txt", "1,1,90,1,90,15,1,15,a\n");
     },
     "image.too-small", "te4.png"},
    {"WrongExtension", [](const SmallSet& set) { set.write("train_images/tr5.png", encodeJpeg(blocks(51))); },
     "image.wrong-extension", "tr5.png"},
    {"TurnedPicture",
     [](const SmallSet& set) {
       set.write("train_images/tr5.jpg", turnedJpeg(blocks(51)));
       set.remove("train_images/tr5.png");
       set.replace("train_list.txt", "tr5.png", "tr5.jpg");
     },
     "image.turned", "tr5.txt"},
    {"TwinPictures", [](const SmallSet& set) { set.write("train_images/tr6.png", set.read("train_images/tr5.png")); },
     "image.duplicate", "tr6.png"},
    {"Overlap", [](const SmallSet& set) { set.write("train_images/tr6.png", set.read("test_images/te2.png")); },
     "set.overlap", "tr6.png"},
    {"OverlapInOtherSize",
     [](const SmallSet& set) {
       set.write("train_images/tr6.jpg", encodeJpeg(resize(blocks(SmallSet::kImages + 2), {192, 320}), 70));
       set.remove("train_images/tr6.png");
       set.replace("train_list.txt", "tr6.png", "tr6.jpg");
     },
     "set.overlap-likely", "tr6.jpg"},
    {"NoTruth", [](const SmallSet& set) { set.remove("train_gts/tr1.txt"); }, "truth.missing", "tr1.png"},
    {"OrphanTruth", [](const SmallSet& set) { set.write("train_gts/gone.txt", SmallSet::kTruth); }, "truth.orphan",
     "gone.txt"},
    {"TwoTruths", [](const SmallSet& set) { set.write("train_gts/gt_tr1.txt", ""); }, "truth.ambiguous", "tr1.png"},
    {"SharedTruth",
     [](const SmallSet& set) {
       set.write("train_images/tr1.jpg", encodeJpeg(blocks(52)));
       set.append("train_list.txt", "tr1.jpg\n");
     },
     "truth.shared", "tr1.jpg"},
    {"BlankLine", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "\n10,40,60,40,60,48,10,48,x\n"); },
     "truth.blank-line", "tr1.txt", 3},
    {"SevenNumbers", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "1,2,3,4,5,6,7,text\n"); },
     "truth.count", "tr1.txt", 3},
    {"Rectangle", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "1,2,30,40,text\n"); }, "truth.count",
     "tr1.txt", 3},
    {"NotANumber", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "1,2,3,4,5,six,7,8,text\n"); },
     "truth.not-a-number", "tr1.txt", 3},
    {"NotFinite", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "1,2,nan,4,5,6,7,8,text\n"); },
     "truth.not-finite", "tr1.txt", 3},
    {"AbsurdNumber", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "1,2,1e300,4,5,6,7,8,text\n"); },
     "truth.not-finite", "tr1.txt", 3},
    {"Semicolons", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "70;10;90;10;90;30;70;30;text\n"); },
     "truth.separator", "tr1.txt", 3},
    {"Blanks", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "70 10 90 10 90 30 70 30 text\n"); },
     "truth.separator", "tr1.txt", 3},
    {"NoText", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "70,10,90,10,90,30,70,30\n"); },
     "truth.no-text", "tr1.txt", 3},
    {"Json", [](const SmallSet& set) { set.write("train_gts/tr1.txt", "[{\"points\": [[1, 2]]}]\n"); },
     "truth.other-format", "tr1.txt", 1},
    {"SwappedAxes",
     [](const SmallSet& set) {
       set.write("train_gts/tr1.txt", "10,10,30,10,30,60,10,60,a\n50,20,80,20,80,140,50,140,b\n");
     },
     "truth.swapped-axes", "tr1.txt"},
    {"SharesOfTheImage",
     [](const SmallSet& set) { set.write("train_gts/tr1.txt", "0.1,0.1,0.5,0.1,0.5,0.3,0.1,0.3,a\n"); },
     "truth.normalised", "tr1.txt"},
    {"BowTie", [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,90,30,90,10,70,30,x\n"); },
     "box.self-intersecting", "te1.txt", 3},
    {"CounterClockwise", [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,70,30,90,30,90,10,x\n"); },
     "box.counter-clockwise", "te1.txt", 3},
    {"NoArea", [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,90,10,90,10,70,10,x\n"); },
     "box.no-area", "te1.txt", 3},
    {"Tiny", [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,90,10,90,11,70,11,x\n"); }, "box.tiny",
     "te1.txt", 3},
    {"Outside", [](const SmallSet& set) { set.append("test_gts/te1.txt", "170,10,190,10,190,30,170,30,x\n"); },
     "box.outside", "te1.txt", 3},
    {"MostlyOutside", [](const SmallSet& set) { set.append("test_gts/te1.txt", "150,10,190,10,190,30,150,30,x\n"); },
     "box.mostly-outside", "te1.txt", 3},
    {"Duplicate", [](const SmallSet& set) { set.append("test_gts/te1.txt", "60,10,60,30,10,30,10,10,one\n"); },
     "box.duplicate", "te1.txt", 3},
    {"IgnoredByAccident",
     [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,90,10,90,30,70,30,10,###\n"); },
     "text.comma-ignored", "te1.txt", 3},
    {"FourSigns", [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,90,10,90,30,70,30,####\n"); },
     "text.ignore-mark", "te1.txt", 3},
    {"BlankBeforeTheMark",
     [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,90,10,90,30,70,30, ###\n"); }, "text.ignore-mark",
     "te1.txt", 3},
    {"ControlCharacter",
     [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,90,10,90,30,70,30,a\x07z\n"); }, "text.control",
     "te1.txt", 3},
    {"FailedConversion",
     [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,90,10,90,30,70,30,a\xEF\xBF\xBDz\n"); },
     "text.damaged", "te1.txt", 3},
    {"AllIgnored",
     [](const SmallSet& set) {
       for (int i = 1; i <= SmallSet::kImages; ++i)
         set.write("test_gts/te" + std::to_string(i) + ".txt", "10,10,60,10,60,30,10,30,###\n");
     },
     "set.all-ignored", "test_images"},
    {"NoImages",
     [](const SmallSet& set) {
       fs::remove_all(set.path() / "test_images");
       fs::create_directories(set.path() / "test_images");
       fs::remove_all(set.path() / "test_gts");
       fs::create_directories(set.path() / "test_gts");
       set.write("test_list.txt", "");
     },
     "set.empty", "test_images"},
};

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
