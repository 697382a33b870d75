#include "base/progress.h"

#include <gtest/gtest.h>

namespace ocrdet {
namespace {

TEST(Progress, TellsRateAndRemainingTime) {
  EXPECT_EQ(Progress::describe("Detecting", "images", 50, 200, 10.0, 0), "Detecting 50/200 images, 5.0/s, 0:30 left");
  EXPECT_EQ(Progress::describe("Training", "steps", 10, 36010, 10.0, 0),
            "Training 10/36010 steps, 1.0/s, 10:00:00 left");
}

TEST(Progress, FitsItsBarIntoTheTerminal) {
  for (const int columns : {20, 60, 70, 80, 200}) {
    const std::string text = Progress::describe("Detecting", "images", 50, 200, 10.0, columns);
    EXPECT_TRUE(text.size() < static_cast<std::size_t>(columns) || text.find('[') == std::string::npos) << columns;
  }
  EXPECT_NE(Progress::describe("Detecting", "images", 50, 200, 10.0, 80).find("[####"), std::string::npos);
}

TEST(Progress, CountsWhenTheTotalIsUnknown) {
  EXPECT_EQ(Progress::describe("Reading", "files", 12, 0, 4.0, 80), "Reading 12 files, 3.0/s");
}

}  // namespace
}  // namespace ocrdet
