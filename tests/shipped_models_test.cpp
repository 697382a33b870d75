// The trained weights in models/: each has its card, is the file that the card describes, and does its job.

#include <gmock/gmock.h>
#include <algorithm>
#include <iostream>
#include <span>

#include "base/sha256.h"
#include "cli/found_boxes.h"
#include "source_tree.h"

namespace ocrdet::test {
namespace {

namespace fs = std::filesystem;

const std::vector<fs::path> models = filesBelow("models", {".safetensors"});

TEST(ShippedModels, HaveCardsThatNameTheFile) {
  ASSERT_FALSE(models.empty());
  for (const fs::path& model : models) {
    const std::string bytes = readText(model), card = readText(fs::path(model).replace_extension(".md"));
    EXPECT_THAT(card, testing::HasSubstr(sha256(std::as_bytes(std::span(bytes))))) << model;
    EXPECT_LT(bytes.size(), 26'000'000U) << model << " is not float16";
  }
}

// A point on each line of the page, read off by hand; lines are level within a few pixels, and 50 apart.
TEST(ShippedModels, TheDefaultFindsTheLinesOfAPage) {
  const nlohmann::json boxes = foundOn(OCRDET_SOURCE_DIR "/examples/images/book-page.jpg");
  const std::vector<double> middles{139, 200, 249, 301, 352, 404, 457,  506,  555,  606,  658,
                                    709, 758, 811, 862, 912, 963, 1014, 1065, 1115, 1166, 1221};
  int found = 0;
  for (const double y : middles) {
    const double x = y == 506 ? 270 : 498;  // a line of one word
    if (std::any_of(boxes.begin(), boxes.end(), [&](const nlohmann::json& box) { return contains(box, x, y); }))
      ++found;
    else
      std::cout << "nothing at " << x << ", " << y << "\n";
  }
  EXPECT_GE(found, 21);
  EXPECT_LE(boxes.size(), middles.size() + 8) << "lines in pieces, or boxes where no text is";
}

}  // namespace
}  // namespace ocrdet::test
