#include "base/closest_match.h"

#include <gtest/gtest.h>

namespace ocrdet {
namespace {

const std::vector<std::string> kCommandNames = {"export", "verify", "inspect", "check", "explain", "detect"};

TEST(ClosestMatch, FindsTheMisspeltCommand) {
  EXPECT_EQ(closestMatch("exprot", kCommandNames), "export");
  EXPECT_EQ(closestMatch("chek", kCommandNames), "check");
  EXPECT_EQ(closestMatch("detekt", kCommandNames), "detect");
}

TEST(ClosestMatch, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(closestMatch("quux", kCommandNames), std::nullopt);
  EXPECT_EQ(closestMatch("x", {}), std::nullopt);
}

TEST(EditDistance, CountsEditsAndSwaps) {
  EXPECT_EQ(editDistance("", "abc"), 3);
  EXPECT_EQ(editDistance("kitten", "sitting"), 3);
  EXPECT_EQ(editDistance("exprot", "export"), 1);
}

}  // namespace
}  // namespace ocrdet
