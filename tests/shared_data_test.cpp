// What only data outside the project can check: sets of photographs and pages with ground truth, and pictures that
// nobody trained on. They lie beside the project, or where OCRDET_SHARED_DATA says; without them the tests are skipped.

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "cli/found_boxes.h"
#include "ocrdet/geometry.h"

namespace ocrdet::test {
namespace {

namespace fs = std::filesystem;

class SharedData : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::is_directory(folder_)) GTEST_SKIP() << folder_ << " is not there (OCRDET_SHARED_DATA names another)";
  }

  fs::path folder_ = getenv("OCRDET_SHARED_DATA") != nullptr ? fs::path(getenv("OCRDET_SHARED_DATA"))
                                                             : fs::path(OCRDET_SOURCE_DIR) / "../shared/data";
};

TEST_F(SharedData, IsCleanToTheDoctor) {
  for (const char* set : {"ICDAR2015", "TD500", "sroie-line", "funsd", "docbank-line", "gallica18-print-line",
                          "lectaurep-hand-line", "NEG_BSDS"}) {
    const ProgramResult result = runProgram("dataset check --headers --quiet " + (folder_ / set).string());
    EXPECT_EQ(result.status, 0) << set << "\n" << result.out << result.err;
  }
}

struct EasyPicture {
  const char* name;
  std::vector<Point> lines;  // a point on each line or column, read off by hand
};

const EasyPicture kEasyPictures[] = {
    {"rapidocr_text_vertical_words.jpg", {{114, 800}, {326, 800}, {535, 800}}},
    {"unstructured_jpn-vert.jpg", {{46, 170}, {73, 170}, {100, 170}, {127, 170}, {155, 170}}},
    {"cnocr_multi-line_cn1.jpg", {{75, 11}, {75, 36}, {75, 61}, {75, 86}, {75, 111}, {75, 136}, {75, 162}}},
    {"ocrmypdf_typewriter.jpg", {{160, 80}, {540, 80}, {740, 80}, {598, 573}, {598, 628}, {853, 618}, {1050, 573}}},
    {"cnocr_fanti.jpg", {{50, 897}, {300, 897}, {180, 790}, {180, 685}}},
    {"htr_bpt6k15120824_f28.tif.jpg", {{440, 700}, {460, 788}, {480, 860}, {434, 903}}},
    {"htr_bpt6k6495917k_f23.tif.jpg", {{300, 236}, {100, 288}, {300, 338}}},
};

// Close columns and lines that an earlier state ran together, or lost where a figure or a sign joined two of them.
TEST_F(SharedData, ShowsEachLineAndColumnOnItsOwn) {
  for (const EasyPicture& picture : kEasyPictures) {
    const nlohmann::json boxes = foundOn((folder_ / "samples" / picture.name).string());
    for (const Point& line : picture.lines) {
      const auto box = std::find_if(boxes.begin(), boxes.end(),
                                    [&](const nlohmann::json& one) { return contains(one, line.x, line.y); });
      ASSERT_NE(box, boxes.end()) << picture.name << ": nothing at " << line.x << ", " << line.y;
      EXPECT_EQ(std::count_if(picture.lines.begin(), picture.lines.end(),
                              [&](const Point& other) { return contains(*box, other.x, other.y); }),
                1)
          << picture.name << ": several lines in the box at " << line.x << ", " << line.y;
    }
  }
}

TEST_F(SharedData, ShowsNothingWhereThereIsNoText) {
  int photographs = 0;
  for (const auto& file : fs::directory_iterator(folder_ / "NEG_BSDS/test_images")) {
    EXPECT_TRUE(foundOn(file.path().string()).empty()) << file.path();
    ++photographs;
  }
  EXPECT_GE(photographs, 3);
}

}  // namespace
}  // namespace ocrdet::test
