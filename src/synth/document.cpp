// Printed pages: articles, letters, books; one or two columns, headings, lists, figures, rules.

#include <fmt/format.h>
#include <algorithm>

#include "synth/draft.h"

namespace ocrdet::synth {
namespace {

struct PageStyles {
  TextStyle body, heading;
};

std::string sentences(Draft& draft, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += (text.empty() || draft.chinese ? "" : " ") + draft.corpus.sentence(draft.random, draft.chinese);
    if (draft.random.chance(0.1)) text += (draft.chinese ? "" : " ") + date(draft.random, draft.chinese);
  }
  return text;
}

// A place holder for a figure: a frame, perhaps with bars or a grey texture in it.
void figure(Page& page, Random& random, double x, double y, double width, double height) {
  const Colour grey{random.between(0.5, 0.95), random.between(0.5, 0.95), random.between(0.5, 0.95), 1};
  if (random.chance(0.5)) page.rectangle(x, y, width, height, grey);
  const int bars = random.whole(3, 9);
  for (int i = 0; i < bars; ++i) {
    const double bar = random.between(0.1, 0.9) * height;
    page.rectangle(x + (i + 0.2) * width / bars, y + height - bar, 0.6 * width / bars, bar, anyColour(random));
  }
  if (random.chance(0.6)) page.frame(x, y, width, height, {0.2, 0.2, 0.2, 1}, random.between(0.5, 2));
}

// Fills one column from top to bottom with what articles are made of.
void fillColumn(Draft& draft, Page& page, const PageStyles& styles, Block block, const Paint& paint) {
  Random& random = draft.random;
  const double gap = styles.body.size * random.between(0.4, 1.1);
  const double bottom = block.bottom;
  while (block.y + 2 * styles.body.size < bottom) {
    const double kind = random.unit();
    if (kind < 0.12) {
      const std::string title = draft.corpus.phrase(random, draft.chinese, 5);
      block.y = paragraph(page, styles.heading, title, block, paint) + 0.5 * gap;
    } else if (kind < 0.2 && bottom - block.y > 90) {
      const double height = random.between(50, std::min(160.0, bottom - block.y - 20));
      figure(page, random, block.x + 4, block.y + 4, block.width - 8, height);
      block.y += height + 10;
      Block caption = block;
      caption.align = Align::kCentre;
      const std::string name = draft.chinese ? "图" : "Figure ";
      block.y =
          paragraph(page, styles.body,
                    fmt::format("{}{} {}", name, random.whole(1, 12), draft.corpus.phrase(random, draft.chinese, 4)),
                    caption, paint) +
          gap;
    } else if (kind < 0.3) {
      Block item = block;
      item.x += 1.5 * styles.body.size;
      item.width -= 1.5 * styles.body.size;
      for (int i = 1, count = random.whole(2, 5); i <= count; ++i) {
        item.y = paragraph(page, styles.body, fmt::format("{}. {}", i, draft.corpus.sentence(random, draft.chinese)),
                           item, paint);
      }
      block.y = item.y + gap;
    } else {
      block.y = paragraph(page, styles.body, sentences(draft, random.whole(2, 6)), block, paint) + gap;
    }
  }
}

}  // namespace

Canvas drawDocument(Draft& draft) {
  Random& random = draft.random;
  const bool camera = random.chance(0.4);
  Page page = draft.page({int(draft.size.height * (camera ? 1.0 : random.between(1.0, 1.08))),
                          int(draft.size.width * (camera ? 0.8 : 1.04))});
  const double width = page.size().width, height = page.size().height;
  const Colour paper = paperColour(random);
  page.fill(paper);
  Paint paint;
  const double grey = random.between(0, 0.35);
  paint.fill = {grey, grey, grey + (random.chance(0.1) ? 0.3 : 0.0), 1};

  PageStyles styles;
  const bool typed = random.chance(0.2);
  styles.body = {&draft.font(typed ? FontUse::kMono : FontUse::kText),
                 random.chance(0.15) ? random.betweenLog(24, 56) : random.betweenLog(10, 24)};
  if (typed && random.chance(0.5)) styles.body.spacing = styles.body.size * random.between(0.05, 0.35);
  styles.heading = {random.chance(0.5) ? styles.body.font : &draft.font(FontUse::kText),
                    styles.body.size * random.between(1.1, 1.9)};
  const double margin = width * random.between(0.05, 0.13);
  const int columns = styles.body.size < 15 && random.chance(0.4) ? 2 : 1;
  const double gutter = width * 0.04, column_width = (width - 2 * margin - (columns - 1) * gutter) / columns;
  Block block{margin, margin * 0.8, width - 2 * margin, height - margin, random.between(1.15, 1.7)};

  if (random.chance(0.5)) {  // running head, with a rule below
    const double baseline = margin * 0.55;
    const TextStyle small{styles.body.font, std::max(9.0, styles.body.size * 0.8)};
    page.line(small, fitted(small, draft.corpus.phrase(random, draft.chinese, 4), block.width * 0.6), margin, baseline,
              paint);
    page.lineEndingAt(small, std::to_string(random.whole(1, 420)), width - margin, baseline, paint);
    if (random.chance(0.5)) page.rule(margin, baseline + 5, width - margin, baseline + 5, paint.fill, 0.8);
  }
  if (random.chance(0.5)) {
    Block title = block;
    title.align = random.chance(0.6) ? Align::kCentre : Align::kLeft;
    const TextStyle large{styles.heading.font, styles.body.size * random.between(1.6, 2.6)};
    block.y = paragraph(page, large, draft.corpus.phrase(random, draft.chinese, 7), title, paint) + styles.body.size;
  }
  for (int column = 0; column < columns; ++column) {
    Block part = block;
    part.x = margin + column * (column_width + gutter);
    part.width = column_width;
    fillColumn(draft, page, styles, part, paint);
  }
  return camera ? photographed(draft, page) : scanned(draft, page);
}

}  // namespace ocrdet::synth
