#include <gmock/gmock.h>

#include <random>

#include "ocrdet/contract.h"

namespace ocrdet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> codesOf(const std::string& text) {
  try {
    parseSize(text);
  } catch (const Error& error) {
    std::vector<std::string> names;
    for (const Problem& problem : error.problems()) names.emplace_back(problem.code->name);
    return names;
  }
  return {};
}

std::string whatOf(const std::string& text) {
  try {
    parseSize(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(SizeText, AcceptsEveryUsualWayOfWritingASize) {
  for (const char* text : {"800x640", "800X640", "800×640", "800*640", "800,640", "800, 640", " 800 x 640 ", "800 640",
                           "800\t 640", "800 × 640", "0800x640"}) {
    EXPECT_EQ(parseSize(text), (Size{800, 640})) << text;
  }
}

TEST(SizeText, SaysHeightFirst) {
  EXPECT_EQ(toText(Size{736, 1280}), "736x1280");
}

TEST(SizeText, ReadsWhatItWrites) {
  std::mt19937_64 random(20240801);
  for (int i = 0; i < 1000; ++i) {
    const Size size{static_cast<std::int64_t>(random() % 10000 + 1), static_cast<std::int64_t>(random() >> 1) | 1};
    EXPECT_EQ(parseSize(toText(size)), size);
  }
}

TEST(SizeText, NamesTheSideThatIsNotAWholeNumberAboveZero) {
  EXPECT_THAT(codesOf("0x640"), ElementsAre("size.not-positive"));
  EXPECT_THAT(whatOf("0x640"), HasSubstr("height 0 is not above zero"));
  EXPECT_THAT(whatOf("640x-32"), HasSubstr("width -32 is not above zero"));
  EXPECT_THAT(whatOf("640.5x640"), HasSubstr("height 640.5 is not a whole number"));
  EXPECT_THAT(whatOf("640x1e3"), HasSubstr("width 1e3 is not a whole number"));
  EXPECT_THAT(codesOf("25.6x-1"), ElementsAre("size.not-positive", "size.not-positive"));
}

TEST(SizeText, RefusesMoreDigitsThanFitANumber) {
  EXPECT_THAT(codesOf("99999999999999999999x640"), ElementsAre("size.out-of-range"));
  EXPECT_THAT(codesOf("640x-99999999999999999999"), ElementsAre("size.not-positive"));
  EXPECT_EQ(parseSize("9223372036854775807x1").height, 9223372036854775807);
}

TEST(SizeText, RefusesWhatIsNotTwoNumbers) {
  for (const char* text : {"",        " ",         "x",         "640",         "640x",        "x640",    "640xx640",
                           "big",     "bigxsmall", "640x640x3", "1x3x640x640", "640 640 640", "640;640", "-x-",
                           "640x64o", "×",         "640p",      "\xff\xfe",    "640x640x",    ".x."}) {
    EXPECT_THAT(codesOf(text), ElementsAre("usage.option")) << text;
  }
  EXPECT_THAT(whatOf("640"), HasSubstr("write 640x640"));
  EXPECT_THAT(whatOf("1x3x736x1280"), HasSubstr("for instance 736x1280"));
}

TEST(SizeText, SurvivesAnyBytes) {
  std::mt19937 random(7);
  const std::string alphabet = "0123456789xX*, .-+eE\xC3\x97\n\x00\xff";
  for (int i = 0; i < 20000; ++i) {
    std::string text(random() % 12, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    try {
      const Size size = parseSize(text);
      EXPECT_GT(size.height, 0) << text;
      EXPECT_GT(size.width, 0) << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.exitStatus(), ExitStatus::kUsage) << text;
    }
  }
  EXPECT_LT(whatOf(std::string(100000, '7')).size(), 500u);
}

}  // namespace
}  // namespace ocrdet
