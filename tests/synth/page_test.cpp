// Sheets: which labels a text gets, which of them are ignored, and how wide it is.
#include "synth/page.h"

#include <gmock/gmock.h>

#include "dataset/shape.h"
#include "synth/canvas.h"
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

// What a page becomes in a picture of its own size.
std::vector<TruthLine> truthOf(const Page& page) {
  const double width = page.size().width, height = page.size().height;
  Canvas canvas(page.size(), false);
  canvas.put(page, View::onto(page.size(), {{{0, 0}, {width, 0}, {width, height}, {0, height}}}));
  return canvas.truth;
}

TEST(CanvasLabels, AreReadableByTheHeightOfTheirLetters) {
  const auto ignored = [](double size, const char* text) {
    Page page({80, 200}, Level::kLine, false);
    page.line({fontOf("letters"), size}, text, 20, 50, {});
    return truthOf(page).at(0).ignored;
  };
  EXPECT_FALSE(ignored(14, "I"));
  EXPECT_FALSE(ignored(14, "letters"));
  EXPECT_TRUE(ignored(5, "letters"));
  Page column({200, 80}, Level::kLine, false);
  column.column({fontOf("lll"), 20}, "lll", 20, 20, 24, {});
  EXPECT_EQ(truthOf(column).at(0).ignored, shorterExtent(truthOf(column).at(0).points) < 5) << "of columns the width";
}

TEST(CanvasLabels, OfArcsBeginWhereTheirTextDoes) {
  const TextStyle style{fontOf("around the upper half"), 20};
  for (const bool inside : {false, true}) {
    Page page({300, 300}, Level::kLine, false);
    page.arc(style, "around the upper half", {150, 150}, 80, inside ? 3.14159 : 0, inside, {});
    const Polygon quad = truthOf(page).at(0).points;
    EXPECT_GT(quad[1].x - quad[0].x, 50) << "the first side runs to the right";
    EXPECT_GT(quad[2].y - quad[1].y, 20) << "the second downwards";
  }
}

TEST(PageLine, IsAsWideAsMeasured) {
  for (const char* text : {"two words", "word", kChineseText, "中国，文字 店，中国", ""}) {
    for (const double spacing : {0, 8}) {
      const TextStyle style{fontOf(text), 40, spacing};
      if (style.font == nullptr) continue;  // no Chinese font
      for (const Level level : {Level::kWord, Level::kLine}) {
        Page page({80, 900}, level, false);
        EXPECT_NEAR(page.line(style, text, 10, 50, {}), Page::width(style, text), 2) << text << " " << spacing;
      }
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
