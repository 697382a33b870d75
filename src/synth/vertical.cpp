// Vertical text: columns of upright signs on plaques, couplets, shop signs and in books; Latin letters turned on
// spines.

#include <algorithm>
#include <cmath>
#include <numbers>

#include "synth/background.h"
#include "synth/draft.h"

namespace ocrdet::synth {
namespace {

std::string signs(Draft& draft, int count, bool japanese) {
  std::string text;
  int have = 0;
  while (have < count) {
    std::string word =
        japanese ? japaneseWord(draft.random, draft.corpus) : draft.corpus.word(draft.random, draft.chinese);
    if (!draft.chinese) word = upperCase(word);
    for (const std::string& sign : signsOf(word))
      if (have < count) {
        text += sign;
        ++have;
      }
    if (draft.chinese && have < count && draft.random.chance(0.12)) {
      text += draft.random.pick(kMarks);
      ++have;
    }
  }
  return text;
}

// A board with one or several columns, hung on a wall.
void hangBoard(Draft& draft, Canvas& canvas, double left, double width) {
  Random& random = draft.random;
  const int columns = width > 120 && random.chance(0.5) ? 2 : 1;
  const int height = int(draft.size.height * random.between(0.5, 0.95));
  Page page = draft.page({height, int(width)});
  Colour ground = random.chance(0.3) ? Colour{random.between(0.6, 0.9), 0.05, 0.08, 1} : anyColour(random);
  const double top = random.between(0, draft.size.height - height);
  if (random.chance(0.85))
    page.fill(ground);
  else  // letters on the wall itself
    ground = colourAt(canvas.image, {left, top, left + width, top + height});
  if (random.chance(0.4)) page.frame(3, 3, width - 6, height - 6, inkOn(random, ground, 0.3), random.between(1, 4));
  Paint paint{inkOn(random, ground, 0.4)};
  if (random.chance(0.2)) paint.outline_width = 1.5;
  paint.outline = {1 - paint.fill.red, 1 - paint.fill.green, 1 - paint.fill.blue, 1};
  const double size = width / columns * random.between(0.5, 0.8), pitch = size * random.between(1.0, 1.35);
  const TextStyle style{&draft.font(random.chance(0.5) ? FontUse::kDisplay : FontUse::kText), size};
  const int most = int((height - 0.3 * size) / pitch);
  if (most < 1) return;
  const bool japanese = draft.chinese && random.chance(0.2);
  for (int i = 0; i < columns; ++i) {
    const std::string text = drawable(*style.font, signs(draft, std::max(1, random.whole(most / 2, most)), japanese));
    page.column(style, text, width - (i + 0.5) * width / columns, 0.15 * size, pitch, paint);
  }
  const double slant = width * 0.08;
  const auto jitter = [&] { return random.bell() * slant; };
  canvas.put(page, View::onto(page.size(), {Point{left + jitter(), top + jitter()},
                                            {left + width + jitter(), top + jitter()},
                                            {left + width + jitter(), top + height + jitter()},
                                            {left + jitter(), top + height + jitter()}}));
}

Canvas street(Draft& draft) {
  Random& random = draft.random;
  Canvas canvas = draft.canvas();
  paintView(canvas.image, random, draft.photographs);
  double left = random.between(5, 80);
  while (left < draft.size.width - 40) {
    const double width = random.betweenLog(28, 130);
    if (left + width > draft.size.width - 4) break;
    hangBoard(draft, canvas, left, width);
    left += width * random.between(1.25, 2.6);
  }
  return canvas;
}

// Columns from right to left, as books were set; sometimes a few of large signs, as in prints from woodblocks, which
// have a frame and rules between the columns, often cut off at the edge of the picture.
Canvas book(Draft& draft) {
  Random& random = draft.random;
  Page page = draft.page({draft.size.height, draft.size.width});
  page.fill(paperColour(random));
  const TextStyle style{&draft.font(FontUse::kText),
                        random.chance(0.4) ? random.betweenLog(34, 90) : random.betweenLog(15, 34)};
  const double pitch = style.size * random.between(1.02, 1.3), step = pitch * random.between(1.2, 2.0);
  const double top = draft.size.height * random.between(0.01, 0.08), bottom = draft.size.height - top;
  const double side = step / 2 + draft.size.width * random.between(-0.01, 0.06);
  const Paint paint{{0.1, 0.1, 0.1, 1}};
  const double rule = random.chance(0.4) ? random.between(0.6, 1 + 0.04 * style.size) : 0;
  const Colour rule_colour{0.3, 0.22, 0.2, 1};
  if (rule > 0 && random.chance(0.6)) {
    page.rule(0, top - rule, draft.size.width, top - rule, rule_colour, rule * 1.5);
    page.rule(0, bottom + rule, draft.size.width, bottom + rule, rule_colour, rule * 1.5);
  }
  const bool japanese = draft.chinese && random.chance(0.35);
  const int most = int((bottom - top) / pitch);
  const int columns = int(std::ceil((draft.size.width - side) / step - 0.45));
  for (int i = 0; i < columns; ++i) {
    const double x = draft.size.width - side - i * step;
    if (rule > 0) page.rule(x - step / 2, top, x - step / 2, bottom, rule_colour, rule);
    const int count = random.chance(0.75) ? most : random.whole(1, most);
    page.column(style, drawable(*style.font, signs(draft, count, japanese)), x, top, pitch, paint);
  }
  return random.chance(0.5) ? photographed(draft, page) : scanned(draft, page);
}

// Spines of books on a shelf: lines turned by a quarter.
Canvas shelf(Draft& draft) {
  Random& random = draft.random;
  Page page = draft.page(draft.size);
  page.fill({0.15, 0.1, 0.07, 1});
  for (double x = 6; x < draft.size.width - 20;) {
    const double width = random.between(26, 70), height = draft.size.height * random.between(0.75, 0.98);
    const Colour ground = anyColour(random);
    page.rectangle(x, draft.size.height - height, width, height, ground);
    const TextStyle style{&draft.font(random.chance(0.4) ? FontUse::kDisplay : FontUse::kText),
                          width * random.between(0.4, 0.65)};
    const std::string text = fitted(style, draft.corpus.phrase(random, draft.chinese, 4), height * 0.85);
    cairo_t* c = page.cairo();
    cairo_save(c);
    cairo_translate(c, x + width / 2, draft.size.height - height / 2);
    cairo_rotate(c, std::numbers::pi / 2);
    if (!text.empty()) page.lineAround(style, text, 0, style.size * 0.35, {inkOn(random, ground, 0.4)});
    cairo_restore(c);
    x += width + random.between(1, 6);
  }
  return photographed(draft, page);
}

}  // namespace

Canvas drawVertical(Draft& draft) {
  if (!draft.chinese && draft.random.chance(0.5)) return shelf(draft);
  return draft.random.chance(0.5) ? street(draft) : book(draft);
}

}  // namespace ocrdet::synth
