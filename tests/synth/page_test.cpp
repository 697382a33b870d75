// Sheets: which labels a text gets, which of them are ignored, and how wide it is.
#include "synth/page.h"

#include <gmock/gmock.h>

#include "synth/corpus.h"

namespace ocrdet::synth {
namespace {

using testing::ElementsAre;

constexpr const char* kChineseText = "中国，文字，店";

// Null when no font that is installed has the text's signs.
const Font* fontOf(std::string_view text) {
  Random random(1);
  for (int attempt = 0; attempt < 200; ++attempt) {
    const Font& font = Fonts::installed().pick(random, FontUse::kText, isChinese(text));
    if (covers(font, text)) return &font;
  }
  return nullptr;
}

std::vector<std::string> textsOf(const Page& page) {
  std::vector<std::string> texts;
  for (const PageLabel& label : page.labels()) texts.push_back(label.text);
  return texts;
}

std::vector<bool> ignoredOf(const Page& page) {
  std::vector<bool> ignored;
  for (const PageLabel& label : page.labels()) ignored.push_back(label.ignored);
  return ignored;
}

TEST(PageLabels, OfLinesThatTheSheetCutsOffAreIgnored) {
  const TextStyle style{fontOf("whole"), 30};
  Page page({60, 300}, Level::kLine, false);
  page.line(style, "whole", 10, 40, {});
  page.line(style, "beyond the right edge", 200, 40, {});
  page.line(style, "low", 10, 66, {});
  EXPECT_THAT(ignoredOf(page), ElementsAre(false, true, true));
}

TEST(PageLabels, OfArcsThatTheSheetCutsOffAreIgnored) {
  const TextStyle style{fontOf("around"), 20};
  Page page({200, 200}, Level::kLine, false);
  page.arc(style, "around", {100, 110}, 60, 0, false, {});
  page.arc(style, "around", {100, 60}, 60, 0, false, {});
  EXPECT_THAT(ignoredOf(page), ElementsAre(false, true));
}

TEST(PageLabels, OfArcsWithSeveralWordsAreIgnoredAtWordLevel) {
  const TextStyle style{fontOf("two words"), 20};
  const auto ignored = [&](Level level) {
    Page page({200, 200}, level, false);
    page.arc(style, "two words", {100, 110}, 60, 0, false, {});
    page.arc(style, "word", {100, 110}, 60, 0, false, {});
    return ignoredOf(page);
  };
  EXPECT_THAT(ignored(Level::kWord), ElementsAre(true, false));
  EXPECT_THAT(ignored(Level::kLine), ElementsAre(false, false));
}

TEST(PageLabels, OfChineseWordsEndBehindTheirPunctuation) {
  const TextStyle style{fontOf(kChineseText), 40};
  if (style.font == nullptr) GTEST_SKIP() << "no Chinese font";
  const auto labels = [&](Level level, bool dotted) {
    Page page({80, 400}, level, false);
    if (dotted)
      page.dots(style, kChineseText, 10, 50, 3, {});
    else
      page.line(style, kChineseText, 10, 50, {});
    return textsOf(page);
  };
  for (const bool dotted : {false, true}) {
    EXPECT_THAT(labels(Level::kWord, dotted), ElementsAre("中国，", "文字，", "店")) << dotted;
    EXPECT_THAT(labels(Level::kLine, dotted), ElementsAre(kChineseText)) << dotted;
  }
}

TEST(PageLine, IsAsWideAsMeasured) {
  for (const char* text : {"two words", "word", kChineseText, "中国，文字 店，中国", ""}) {
    const TextStyle style{fontOf(text), 40};
    if (style.font == nullptr) continue;  // no Chinese font
    for (const Level level : {Level::kWord, Level::kLine}) {
      Page page({80, 600}, level, false);
      EXPECT_NEAR(page.line(style, text, 10, 50, {}), Page::width(style, text), 2) << text;
    }
  }
}

TEST(PageDots, AreAsWideAsMeasured) {
  constexpr const char* kText = "中，中，中，中，中";
  const TextStyle style{fontOf(kText), 40};
  if (style.font == nullptr) GTEST_SKIP() << "no Chinese font";
  Page page({80, 600}, Level::kLine, false);
  page.dots(style, kText, 10, 50, 4, {});
  ASSERT_EQ(page.labels().size(), 1U);
  EXPECT_NEAR(extentOf(page.labels()[0].outline).right, 10 + Page::width(style, kText), 14);
}

}  // namespace
}  // namespace ocrdet::synth
