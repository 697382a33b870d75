// docs/schema/detection.schema.json against what the program really prints, and against what it must refuse.

#include <gmock/gmock.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/program.h"
#include "cli/small_set.h"

namespace ocrdet::test {
namespace {

using nlohmann::json;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kSchema = OCRDET_SOURCE_DIR "/docs/schema/detection.schema.json";

// "valid", or what is wrong, of each document.
std::vector<std::string> verdicts(const std::string& files, const std::string& log) {
  const std::string command = std::string("/usr/bin/python3 " OCRDET_SOURCE_DIR "/tests/cli/validate_json.py ") +
                              kSchema + " " + files + " >" + log + " 2>&1";
  const int status = std::system(command.c_str());
  std::vector<std::string> lines;
  std::ifstream file(log);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  if (status != 0) lines.push_back("the validator failed (Debian's python3-jsonschema is needed)");
  return lines;
}

class DetectionSchema : public ::testing::Test {
 protected:
  DetectionSchema() {
    model_ = writeModel(folder_ / "model.onnx");
    writePng(folder_ / "in/text.png", pictureWith(200, 300, {{40, 40, 120, 30}, {40, 100, 200, 40}}));
    writePng(folder_ / "in/empty.png", pictureWith(100, 100, {}));
    writeBytes(folder_ / "in/page.png", "<!DOCTYPE html>");
    writeBytes(folder_ / "in/cut.tif", std::string("II*\0\x08\0\0\0\x01", 9));
    writeBytes(folder_ / "in/nothing.jpg", "");
  }
  std::string output(const std::string& name, const std::string& arguments) const {
    std::ofstream(folder_ / name) << runProgram("detect " + arguments + " --model " + model_).out;
    return folder_ / name;
  }

  ScratchFolder folder_;
  std::string model_;
};

TEST_F(DetectionSchema, HoldsForWhatTheProgramPrints) {
  const std::string pages = OCRDET_SOURCE_DIR "/tests/image/data/pages.tif", inputs = (folder_ / "in") + " " + pages;
  std::string files = output("quads.json", inputs + " --json") + " " +
                      output("polygons.json", inputs + " --json --polygons") + " " +
                      output("lines.ndjson", inputs + " --ndjson") + " " +
                      output("out.json", inputs + " --json --out " + (folder_ / "out")) + " " +
                      output("compat.json", inputs + " --json --compat modelscope --page 2") + " " +
                      output("missing.json", (folder_ / "nowhere/*.png") + " --json") + " " +
                      output("wrong.json", inputs + " --json --box-threshold 7");
  std::size_t documents = 6 + 7;  // the lines of lines.ndjson: five files and two pages
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "out")) {
    if (entry.path().extension() != ".json" || entry.path().filename() == "run.json") continue;
    files += " " + entry.path().string();
    ++documents;
  }
  const std::vector<std::string> lines = verdicts(files, folder_ / "log");
  EXPECT_EQ(lines.size(), documents);
  EXPECT_EQ(documents, 20U);
  EXPECT_THAT(lines, Each("valid"));
}

TEST_F(DetectionSchema, RefusesDocumentsThatAreBroken) {
  const json whole = json::parse(
      runProgram("detect " + (folder_ / "in") + " --json --model " + model_).out);  // cut, empty, nothing, page, text
  ASSERT_EQ(whole["images"][4]["detections"].size(), 2U);
  const std::pair<const char*, std::function<void(json&)>> kFaults[] = {
      {"no images", [](json& d) { d.erase("images"); }},
      {"failed is a word", [](json& d) { d["failed"] = "two"; }},
      {"an unknown key", [](json& d) { d["colour"] = "red"; }},
      {"no path", [](json& d) { d["images"][4].erase("image_path"); }},
      {"no boxes", [](json& d) { d["images"][4].erase("boxes"); }},
      {"a box of points", [](json& d) { d["images"][4]["boxes"][0] = d["images"][4]["detections"][0]["points"]; }},
      {"a box of four numbers",
       [](json& d) {
         d["images"][4]["boxes"][0] = {1, 2, 3, 4};
       }},
      {"a score above one", [](json& d) { d["images"][4]["scores"][0] = 1.5; }},
      {"a point of three numbers",
       [](json& d) {
         d["images"][4]["detections"][0]["points"][0] = {1, 2, 3};
       }},
      {"numbers from zero", [](json& d) { d["images"][4]["detections"][0]["number"] = 0; }},
      {"a negative time", [](json& d) { d["images"][4]["inference_time"] = -1; }},
      {"a reason for boxes", [](json& d) { d["images"][4]["why_empty"] = "none"; }},
      {"a page of nothing", [](json& d) { d["images"][4]["page"] = 1; }},
      {"a failure with boxes",
       [](json& d) {
         d["images"][3]["boxes"] = {{1, 2, 3, 4, 5, 6, 7, 8}};
       }},
      {"a failure without a code", [](json& d) { d["images"][3]["error"].erase("code"); }},
      {"a code of no domain", [](json& d) { d["images"][3]["error"]["code"] = "broken"; }},
      {"success with an error", [](json& d) { d["images"][3]["success"] = true; }},
      {"a list", [](json& d) { d = json::array({d}); }},
      {"nothing", [](json& d) { d = nullptr; }},
  };
  std::string files;
  for (std::size_t i = 0; i < std::size(kFaults); ++i) {
    json document = whole;
    kFaults[i].second(document);
    const std::string file = folder_ / ("broken" + std::to_string(i) + ".json");
    std::ofstream(file) << document;
    files += " " + file;
  }
  const std::vector<std::string> lines = verdicts(files, folder_ / "log");
  ASSERT_EQ(lines.size(), std::size(kFaults)) << ::testing::PrintToString(lines);
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_THAT(lines[i], HasSubstr("broken")) << kFaults[i].first;
}

}  // namespace
}  // namespace ocrdet::test
