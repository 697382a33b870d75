// `ocrdet detect` as a user meets it: inputs, outputs, names, pages, exit status.

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "cli/program.h"
#include "cli/small_set.h"
#include "image/decode.h"

namespace ocrdet::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class DetectCommand : public ::testing::Test {
 protected:
  DetectCommand() : model_(writeModel(folder_ / "model.onnx")) {}

  std::string picture(const std::string& name, const std::vector<Bar>& bars = {{40, 40, 120, 30}}) const {
    return writePng(folder_ / name, pictureWith(200, 300, bars));
  }
  ProgramResult detect(const std::string& arguments, const std::string& before = "") const {
    return runProgram("detect " + arguments + " --model " + model_ + " --threads 2", before);
  }
  // Paths below a folder, in order.
  static std::vector<std::string> filesIn(const fs::path& folder) {
    std::set<std::string> found;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file()) found.insert(entry.path().lexically_relative(folder).string());
    return {found.begin(), found.end()};
  }
  std::vector<fs::path> runs(const std::string& out) const {
    std::vector<fs::path> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_ / out)) found.push_back(entry.path());
    return found;
  }
  static std::vector<std::string> pathsIn(const json& document) {
    std::vector<std::string> paths;
    for (const json& image : document.at("images"))
      paths.push_back(fs::path(image.at("image_path").get<std::string>()).filename());
    return paths;
  }

  ScratchFolder folder_;
  std::string model_;
};

TEST_F(DetectCommand, PrintsATableOfBoxes) {
  const ProgramResult result = detect(picture("page.png", {{40, 40, 120, 30}, {40, 100, 200, 40}}));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, ::testing::ContainsRegex("page\\.png: 2 boxes, seen at 160x224, [0-9]+ ms\n"
                                                   "  box  score  corners x,y\n"
                                                   "    1  (1\\.000|0\\.9[0-9]+)  [0-9]+,[0-9]+ [0-9, ]+\n"
                                                   "    2  (1\\.000|0\\.9[0-9]+)  "));
}

TEST_F(DetectCommand, TakesFilesFoldersPatternsAndPathsFromStdin) {
  picture("scans/deep/b.png");
  picture("scans/a.png");
  picture("other/c.png");
  writeBytes(folder_ / "scans/notes.txt", "no picture");
  const auto named = [&](const std::string& inputs, const std::string& before = "") {
    const ProgramResult result = detect(inputs + " --json", "cd " + folder_.path().string() + " && " + before);
    EXPECT_EQ(result.status, 0) << result.out << result.err;
    return pathsIn(json::parse(result.out));
  };
  EXPECT_THAT(named("scans"), ElementsAre("a.png", "b.png"));
  EXPECT_THAT(named("other/c.png scans/a.png"), ElementsAre("c.png", "a.png"));
  EXPECT_THAT(named("'scans/*.png' 'other/?.png'"), ElementsAre("a.png", "c.png"));
  EXPECT_THAT(named("-", "printf 'other/c.png\\n\\nscans\\n' |"), ElementsAre("c.png", "a.png", "b.png"));
  EXPECT_THAT(named("-", "printf 'other/c.png\\r\\n' |"), ElementsAre("c.png")) << "a list from Windows";
  fs::create_directories(folder_.path() / "other/empty");
  EXPECT_THAT(named("'other/*'"), ElementsAre("c.png"));
  EXPECT_EQ(detect("'" + (folder_ / "other/e*") + "' --json").status, 3) << "no picture at all";
}

TEST_F(DetectCommand, SaysWhereResultsCannotBeWritten) {
  const std::string page = picture("page.png"), name(300, 'n');
  writeBytes(folder_ / "file", "no folder");
  for (const std::string& options : {"--icdar " + (folder_ / "file"), "--out " + (folder_ / name),
                                     "--out " + (folder_ / name) + " --resume", "--icdar " + (folder_ / name)}) {
    const ProgramResult result = detect(page + " --json " + options);
    EXPECT_EQ(json::parse(result.out)["error"]["code"], "file.unwritable") << options << result.out;
  }
}

TEST_F(DetectCommand, PassesOverLinksThatLeadNowhere) {
  picture("scans/a.png");
  fs::create_symlink("self.png", folder_.path() / "scans/self.png");
  fs::create_symlink("gone.png", folder_.path() / "scans/lost.png");
  const ProgramResult result = detect((folder_ / "scans") + " --json");
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(pathsIn(json::parse(result.out)), ElementsAre("a.png"));
  const ProgramResult link = detect((folder_ / "scans/self.png") + " --json");
  EXPECT_EQ(json::parse(link.out)["images"][0]["error"]["code"], "file.unreadable") << link.out;
}

TEST_F(DetectCommand, FilesResultsUnderUniqueNamesInAFolderOfEachRun) {
  for (const char* name : {"scans/page.png", "scans/page.jpg", "scans/deep/page.png"}) picture(name);
  const std::string arguments = (folder_ / "scans") + " --out " + (folder_ / "out") + " --icdar " + (folder_ / "icdar");
  EXPECT_EQ(detect(arguments).status, 0);
  EXPECT_EQ(detect(arguments).status, 0);
  ASSERT_EQ(runs("out").size(), 2U);
  for (const fs::path& run : runs("out"))
    EXPECT_THAT(filesIn(run),
                ElementsAre("json/deep/page.json", "json/page-2.json", "json/page.json", "run.json",
                            "visualization/deep/page.jpg", "visualization/page-2.jpg", "visualization/page.jpg"));
  EXPECT_THAT(filesIn(folder_ / "icdar"), ElementsAre("deep/res_page.txt", "res_page-2.txt", "res_page.txt"));
}

TEST_F(DetectCommand, GivesOnePictureOfEachNameItsOwnIcdarFileWithoutOut) {
  const std::string a = picture("a/1.png"), b = picture("b/1.png", {});
  EXPECT_EQ(detect(a + " " + b + " --icdar " + (folder_ / "icdar")).status, 0);
  EXPECT_GT(fs::file_size(folder_ / "icdar/res_1.txt"), 10U);
  EXPECT_EQ(fs::file_size(folder_ / "icdar/res_1-2.txt"), 0U);
}

TEST_F(DetectCommand, KeepsResultsOfAnyNameInsideItsFolder) {
  const std::string hostile = std::string(230, 'x') + ".png", broken = "caf\xE9.png";
  const std::string inputs = "'" + picture("scans/" + hostile) + "' '" + picture(broken) + "' " +
                             folder_.path().string() + "/scans/../scans/../" + broken;
  const ProgramResult result = detect(inputs + " --out " + (folder_ / "out"));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(filesIn(runs("out").front() / "json"),
              UnorderedElementsAre(std::string(200, 'x') + ".json", "caf\xE9.json", "caf\xE9-2.json"));
  EXPECT_EQ(filesIn(folder_ / "out").size(), 7U) << "three pictures, three JSON files, run.json";
}

TEST_F(DetectCommand, FailsForOnePictureAndFinishesTheOthers) {
  picture("scans/a.png");
  writeBytes(folder_ / "scans/b.png", "<!DOCTYPE html>");
  picture("scans/c.png");
  const ProgramResult result = detect((folder_ / "scans") + " --json --out " + (folder_ / "out"));
  EXPECT_EQ(result.status, 1);
  const json document = json::parse(result.out);
  EXPECT_EQ(document["failed"], 1);
  EXPECT_EQ(document["images"][0]["success"], true);
  EXPECT_EQ(document["images"][1]["error"]["code"], "image.unsupported");
  EXPECT_EQ(document["images"][2]["success"], true);
  EXPECT_EQ(detect((folder_ / "nowhere.png")).status, 1);
  EXPECT_EQ(detect((folder_ / "scans/a.png") + " --heatmap").status, 2) << "there is nothing to lay it over";
}

TEST_F(DetectCommand, PrintsLinesOfJsonAsTheyCome) {
  for (int i = 0; i < 60; ++i) picture("scans/" + std::to_string(100 + i) + ".png");
  const std::string command = "'" OCRDET_PROGRAM "' detect " + (folder_ / "scans") +
                              " --ndjson --quiet --threads 1 --model " + model_ + " --out " + (folder_ / "out");
  FILE* pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::vector<std::string> lines;
  char buffer[65536];
  std::size_t finished_at_first_line = 0;
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) {
    lines.emplace_back(buffer);
    if (lines.size() == 1) finished_at_first_line = filesIn(folder_ / "out").size();
  }
  EXPECT_EQ(pclose(pipe), 0);
  ASSERT_EQ(lines.size(), 60U);
  EXPECT_LT(finished_at_first_line, 100U) << "the first line came when all was done";
  for (const std::string& line : lines) EXPECT_EQ(json::parse(line)["detections"].size(), 1U);
}

TEST_F(DetectCommand, AnswersForEveryPageOfATiff) {
  const std::string pages = OCRDET_SOURCE_DIR "/tests/image/data/pages.tif";
  const json document = json::parse(detect(pages + " --json --out " + (folder_ / "out")).out);
  ASSERT_EQ(document["images"].size(), 2U);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(document["images"][i]["page"], i + 1);
    EXPECT_EQ(document["images"][i]["pages"], 2);
    EXPECT_EQ(document["images"][i]["image_path"], pages);
  }
  EXPECT_THAT(filesIn(runs("out").front()),
              ElementsAre("json/pages-page-1.json", "json/pages-page-2.json", "run.json",
                          "visualization/pages-page-1.jpg", "visualization/pages-page-2.jpg"));
  const ProgramResult text = detect(pages);
  EXPECT_THAT(text.out, HasSubstr("pages.tif, page 2 of 2:"));
}

// Training reads the first page alone.
TEST_F(DetectCommand, LabelsTheFirstPageOfATiff) {
  fs::create_directories(folder_.path() / "in");
  fs::copy_file(OCRDET_SOURCE_DIR "/tests/image/data/pages.tif", folder_.path() / "in/pages.tif");
  const ProgramResult result =
      runProgram("dataset label " + (folder_ / "in") + " " + (folder_ / "out") + " --json --model " + model_);
  EXPECT_EQ(json::parse(result.out)["images"], 1) << result.err;
  EXPECT_THAT(filesIn(folder_.path() / "out"),
              ElementsAre("train_gts/pages.txt", "train_images/pages.tif", "train_list.txt"));
}

// Scores of one model are no measure for another's: its own threshold divides text from doubt.
TEST_F(DetectCommand, LabelsWithTheThresholdOfTheModel) {
  const std::string input = picture("page.png");
  const auto label = [&](const std::string& out, const std::string& options) {
    return json::parse(
        runProgram("dataset label " + input + " " + (folder_ / out) + " --json --model " + model_ + options).out);
  };
  const json usual = label("usual", ""), strict = label("strict", " --sure 1"), given = label("given", " --sure 0.25");
  EXPECT_EQ(usual["sure"], 0.3);
  EXPECT_EQ(usual["doubtful"], 0);
  EXPECT_GT(usual["texts"], 0);
  EXPECT_EQ(strict["sure"], 1);
  EXPECT_EQ(strict["doubtful"], strict["texts"]);
  EXPECT_EQ(given["sure"], 0.25);
}

TEST_F(DetectCommand, AnswersForOnePageOfATiffThatIsAskedFor) {
  const std::string pages = OCRDET_SOURCE_DIR "/tests/image/data/pages.tif";
  const json second = json::parse(detect(pages + " --json --page 2").out);
  ASSERT_EQ(second["images"].size(), 1U);
  EXPECT_EQ(second["images"][0]["page"], 2);
  const json none = json::parse(detect(pages + " --json --page 3").out);
  EXPECT_EQ(none["images"][0]["error"]["code"], "image.unsupported");
  EXPECT_THAT(none["images"][0]["error"]["message"].get<std::string>(), HasSubstr("page 3 was asked for"));
  EXPECT_EQ(detect(pages + " --page 0").status, 2);
  EXPECT_EQ(detect(pages + " --page first").status, 2);
}

TEST_F(DetectCommand, LaysTheHeatmapUnderTheBoxes) {
  const std::string input = picture("page.png");
  ASSERT_EQ(detect(input + " --out " + (folder_ / "plain")).status, 0);
  ASSERT_EQ(detect(input + " --heatmap --out " + (folder_ / "warm")).status, 0);
  const auto pixel = [&](const std::string& out, int x, int y) {
    const Image image = readImage(runs(out).front() / "visualization/page.jpg");
    return std::vector<int>{image.row(y)[3 * x], image.row(y)[3 * x + 1], image.row(y)[3 * x + 2]};
  };
  const std::vector<int> black = pixel("plain", 250, 180), cold = pixel("warm", 250, 180);
  EXPECT_LT(*std::max_element(black.begin(), black.end()), 12);
  EXPECT_GT(std::abs(cold[0] - black[0]) + std::abs(cold[1] - black[1]) + std::abs(cold[2] - black[2]), 15);
  const std::vector<int> white = pixel("plain", 100, 55), warm = pixel("warm", 100, 55);
  EXPECT_GT(white[0], 240);
  EXPECT_GT(warm[2], warm[0] + 40) << "red over blue where text is";
}

TEST_F(DetectCommand, RecordsModelAndSettingsOfTheRun) {
  ASSERT_EQ(detect(picture("a.png") + " --out " + (folder_ / "out") + " --box-threshold 0.5 --resize letterbox").status,
            0);
  const json record = json::parse(std::ifstream(runs("out").front() / "run.json"));
  EXPECT_EQ(record["model"]["path"], model_);
  EXPECT_EQ(record["model"]["sha256"].get<std::string>().size(), 64U);
  EXPECT_EQ(record["settings"]["box_threshold"], 0.5);
  EXPECT_EQ(record["settings"]["resize"], "letterbox");
  EXPECT_TRUE(record["settings"]["pixel_threshold"].is_null());
  EXPECT_EQ(record["inputs"], 1);
  EXPECT_EQ(record["finished"], true);
  EXPECT_EQ(record["failed"], 0);
}

}  // namespace
}  // namespace ocrdet::test
