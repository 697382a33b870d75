#include "dataset/layout.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "dataset/text_lines.h"
#include "dataset/unreadable_marks.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::json;

TEST(TruthLine, ReadsTheGoldenLines) {
  const Json lines = Json::parse(std::ifstream(std::string(OCRDET_GOLDEN_DIR) + "/eval/lines.json"));
  ASSERT_EQ(lines.size(), 11U);
  for (const Json& expected : lines) {
    const TruthLine line = parseTruthLine(expected["line"].get<std::string>());
    Json points = Json::array();
    for (const Point& point : line.points) points.push_back({point.x, point.y});
    EXPECT_EQ(points, expected["points"]) << expected["line"];
    EXPECT_EQ(line.text, expected["text"]) << expected["line"];
    EXPECT_EQ(line.ignored, expected["ignored"]) << expected["line"];
  }
}

TEST(TruthLine, RefusesLinesWithoutEightNumbers) {
  for (const char* line : {"", "1,2,3,4,5,6,7", "1,2,3,4,5,6,7,x", "1,2,3,4,5,six,7,8,text", "1;2;3;4;5;6;7;8"})
    EXPECT_THROW(parseTruthLine(line), Error) << line;
}

class Folder {
 public:
  Folder() : path_(fs::path(::testing::TempDir()) / ("truth_" + std::to_string(getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  void write(const fs::path& name, const std::string& content = "") const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << content;
  }
  const fs::path& path() const { return path_; }

  std::vector<std::string> found(const std::string& split = "test") const {
    std::vector<std::string> names;
    for (const TruthImage& image : findTruth(path_, split))
      names.push_back(image.image.lexically_relative(path_).string() + " " +
                      image.truth.lexically_relative(path_).string());
    return names;
  }

 private:
  fs::path path_;
};

// A signed number, and lines as old editors of Apple's ended them.
TEST(TruthFile, IsReadAsTheDoctorReadsIt) {
  const fs::path file = fs::path(::testing::TempDir()) / ("truth_" + std::to_string(getpid()) + ".txt");
  std::ofstream(file, std::ios::binary) << "+60,1,70,1,70,9,60,9,a\r1,1,9,1,9,9,1,9,b\r";
  const std::vector<TruthLine> truth = readTruthFile(file);
  fs::remove(file);
  ASSERT_EQ(truth.size(), 2U);
  EXPECT_EQ(truth[0].points[0], (Point{60, 1}));
  EXPECT_EQ(truth[1].text, "b");
  EXPECT_FALSE(number("+-60"));
  EXPECT_FALSE(number("++60"));
}

TEST(FindTruth, FollowsTheListAndEveryWayOfNamingTruth) {
  const Folder folder;
  for (const char* image : {"1.jpg", "2.jpg", "3.jpg", "a.b.jpg", "unlisted.jpg"})
    folder.write(fs::path("test_images") / image);
  for (const char* truth : {"1.txt", "2.jpg.txt", "gt_3.txt", "a.txt"}) folder.write(fs::path("test_gts") / truth);
  folder.write("test_list.txt",
               "\xEF\xBB\xBF"
               "3.jpg\r\n1.jpg test_gts/1.txt\r\n\r\n2.jpg\ta label\r\na.b.jpg\r\n");
  EXPECT_THAT(folder.found(),
              ElementsAre("test_images/3.jpg test_gts/gt_3.txt", "test_images/1.jpg test_gts/1.txt",
                          "test_images/2.jpg test_gts/2.jpg.txt", "test_images/a.b.jpg test_gts/a.txt"));
}

TEST(FindTruth, TakesAllImagesInOrderWithoutAList) {
  const Folder folder;
  for (const char* name :
       {"train_images/b.PNG", "train_images/a.jpg", "train_images/notes.md", "train_gts/a.txt", "train_gts/b.txt"})
    folder.write(name);
  EXPECT_THAT(folder.found("train"),
              ElementsAre("train_images/a.jpg train_gts/a.txt", "train_images/b.PNG train_gts/b.txt"));
}

TEST(FindTruth, TakesOneFolderForBoth) {
  const Folder folder;
  for (const char* name : {"img_1.jpg", "gt_img_1.txt"}) folder.write(name);
  EXPECT_THAT(folder.found(), ElementsAre("img_1.jpg gt_img_1.txt"));
}

std::string messageOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

// A polygon file in UTF-16, behind one that is missing and one that is too large.
TEST(GuessForm, SeesTheFormInAnyEncodingAndPassesOverWhatCannotBeRead) {
  const Folder folder;
  std::string bytes = "\xFF\xFE";
  for (const char c : std::string("10,10,35,8,60,10,60,30,35,28,10,30,curved\n")) bytes += {c, '\0'};
  folder.write("polygons.txt", bytes);
  folder.write("huge.txt");
  fs::resize_file(folder.path() / "huge.txt", 64'000'001);
  EXPECT_EQ(guessForm({folder.path() / "nowhere.txt", folder.path() / "huge.txt", folder.path() / "polygons.txt"}),
            TruthForm::kPolygons);
}

TEST(GuessForm, LooksAtTheNumbersBeforeTheText) {
  const std::string edges = "10,10,35,8,60,10,60,30,35,28,10,30";
  const std::string quad = "10,10,60,10,60,30,10,30,";
  struct Row {
    const char* what;
    std::string lines;
    TruthForm form;
  };
  const Row rows[] = {
      {"polygons without text", edges + "\n" + edges + "\n", TruthForm::kPolygons},
      {"polygons whose texts have commas", edges + ",London, England\n" + edges + ",x\n", TruthForm::kPolygons},
      {"one polygon of four", edges + ",x\n" + quad + "x\n" + quad + "y\n" + quad + "z\n", TruthForm::kQuads},
      {"quads of amounts", quad + "75,000\n" + quad + "12,500\n", TruthForm::kQuads},
      {"quads of numbers", quad + "75\n" + quad + "12\n", TruthForm::kQuads},
      {"quads of many scripts", quad + "Latin,x\n" + quad + "None,###\n" + quad + "Chinese,a,b\n", TruthForm::kScripts},
      {"quads of which some say Latin", quad + "Latin,x\n" + quad + "y\n", TruthForm::kQuads},
  };
  for (const Row& row : rows) {
    const Folder folder;
    folder.write("1.txt", row.lines);
    EXPECT_EQ(guessForm({folder.path() / "1.txt"}), row.form) << row.what;
  }
}

TEST(TruthLine, DropsTheScript) {
  const TruthLine line = parseTruthLine("1,1,9,1,9,9,1,9,Latin,\"a, b\"", TruthForm::kScripts);
  EXPECT_EQ(line.text, "a, b");
  EXPECT_TRUE(parseTruthLine("1,1,9,1,9,9,1,9,None,###", TruthForm::kScripts).ignored);
  EXPECT_EQ(parseTruthLine("1,1,9,1,9,9,1,9,None", TruthForm::kScripts).text, "");
}

// Texts of signs that matter to a reader, behind shapes of any number of corners.
TEST(TruthText, IsReadAsItWasWritten) {
  std::mt19937 random(7);
  const std::string signs = "0129,,,.\"\\# a中";
  for (int round = 0; round < 5000; ++round) {
    const bool quad = random() % 2 == 0;
    TruthLine line;
    for (std::size_t i = quad ? 4 : 3 + random() % 6; i > 0; --i)
      line.points.push_back({double(random() % 500), double(random() % 500) / 4});
    for (std::size_t i = random() % 8; i > 0; --i) {
      const std::size_t at = random() % (signs.size() - 2);  // the last sign has three bytes
      line.text += at == signs.size() - 3 ? signs.substr(at) : signs.substr(at, 1);
    }
    line.text = trimmed(line.text);
    line.ignored = isUnreadableMark(line.text);
    const std::string text = truthText(line);
    const TruthLine read = parseTruthLine(text, quad ? TruthForm::kQuads : TruthForm::kPolygons);
    ASSERT_EQ(read.points, line.points) << text;
    ASSERT_EQ(read.ignored, line.ignored) << text;
    if (!line.ignored) {
      ASSERT_EQ(read.text, line.text) << text;
    }
  }
}

TEST(FindTruth, SaysWhatIsMissing) {
  const Folder folder;
  EXPECT_THAT(messageOf([&] { folder.found(); }), HasSubstr("dataset.layout-unknown"));
  for (const char* name : {"images/a.jpg", "images/b.jpg", "images/c.jpg", "gts/b.txt"}) folder.write(name);
  EXPECT_THAT(messageOf([&] { folder.found(); }), HasSubstr("2 of 3 images have no ground truth"));
  EXPECT_THAT(messageOf([&] { folder.found(); }), HasSubstr("a.jpg"));
  folder.write("gts/a.txt", "0,0,9,0,9,9,0,9,fine\r\n\r\n0,0,9,0,9,9,0\r\n");
  EXPECT_THAT(messageOf([&] { readTruthFile(folder.path() / "gts/a.txt"); }), HasSubstr("a.txt, line 3"));
}

}  // namespace
}  // namespace ocrdet
