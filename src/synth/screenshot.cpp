// Screens: windows with menus and buttons, editors, terminals, chats, shops. Sharp text on flat colours, often small.

#include <fmt/format.h>
#include <algorithm>

#include "synth/background.h"
#include "synth/draft.h"

namespace ocrdet::synth {
namespace {

struct Theme {
  Colour ground, panel, text, accent;
};

Theme anyTheme(Random& random) {
  const bool dark = random.chance(0.35);
  const double light = dark ? random.between(0.05, 0.2) : random.between(0.92, 1);
  const Colour ground{light, light, std::min(1.0, light + random.between(0, 0.03)), 1};
  const double step = dark ? 0.06 : -0.06;
  const double ink = dark ? random.between(0.75, 1) : random.between(0, 0.3);
  return {ground, {light + step, light + step, light + step, 1}, {ink, ink, ink, 1}, anyColour(random)};
}

// As wide as its text, from the left of `room` on. Returns its right end; without room for a word there is no button.
double button(Draft& draft, Page& page, const TextStyle& style, const Theme& theme, const Extent& room) {
  const double padding = 1.6 * style.size;
  const std::string text = draft.corpus.phrase(draft.random, draft.chinese, 2);
  const std::string shown = fitted(style, text, room.width() - padding);
  if (shown.empty()) return room.left;
  const double width = Page::width(style, shown) + padding;
  page.rectangle(room.left, room.top, width, room.height(), theme.accent, draft.random.between(0, 8));
  const LineMetrics metrics = lineMetrics(style);
  page.lineAround(style, shown, room.left + width / 2, (room.top + room.bottom + metrics.ascent - metrics.descent) / 2,
                  {inkOn(draft.random, theme.accent, 0.45)});
  return room.left + width;
}

// A title bar, a menu, a list at the side and text in the middle.
void drawWindow(Draft& draft, Page& page, const TextStyle& style, const Theme& theme, double x, double y, double width,
                double height) {
  Random& random = draft.random;
  const double bar = style.size * 2;
  const Paint paint{theme.text};
  page.rectangle(x, y, width, height, theme.ground);
  page.rectangle(x, y, width, bar, theme.panel);
  page.line(style, fitted(style, draft.corpus.phrase(random, draft.chinese, 4), width * 0.6), x + style.size,
            y + bar * 0.66, paint);
  for (int i = 0; i < 3; ++i)
    page.rectangle(x + width - (i + 1) * bar * 0.8, y + bar * 0.35, bar * 0.3, bar * 0.3, anyColour(random), bar);
  double menu = x + style.size;
  const double menu_y = y + bar * 1.66;
  for (int i = random.whole(3, 8); i > 0; --i) {
    const std::string word = drawable(*style.font, draft.corpus.word(random, draft.chinese));
    if (menu + Page::width(style, word) > x + width - style.size) break;
    menu += page.line(style, word, menu, menu_y, paint) + 1.6 * style.size;
  }
  const double side = random.chance(0.6) ? width * random.between(0.2, 0.35) : 0, top = y + 2.4 * bar;
  if (side > 0) {
    page.rectangle(x, y + 2.1 * bar, side, height - 2.1 * bar, theme.panel);
    for (double item = top + style.size; item < y + height - style.size; item += style.size * 1.9)
      if (random.chance(0.9))
        page.line(style, fitted(style, draft.corpus.phrase(random, draft.chinese, 3), side - 1.6 * style.size),
                  x + style.size, item, paint);
  }
  Block block{x + side + style.size, top, width - side - 2 * style.size, y + height - 2.2 * bar,
              random.between(1.3, 1.8)};
  while (block.y + 2 * style.size < block.bottom) {
    const TextStyle used{style.font, style.size * (random.chance(0.2) ? random.between(1.2, 2) : 1)};
    block.y = paragraph(page, used, draft.corpus.sentence(random, draft.chinese), block, paint) +
              style.size * random.between(0.3, 1.4);
  }
  Extent room{x + side + style.size, y + height - 1.9 * bar, x + width - style.size, y + height - 0.8 * bar};
  if (random.chance(0.7)) room.left = button(draft, page, style, theme, room) + style.size;
  room.left = std::max(room.left, x + side + (width - side) * 0.6);
  if (random.chance(0.4)) button(draft, page, style, theme, room);
}

// Code or a terminal: monospaced lines with indents.
void drawEditor(Draft& draft, Page& page, const Theme& theme) {
  Random& random = draft.random;
  const TextStyle style{&draft.fonts.pick(random, FontUse::kMono, draft.chinese && random.chance(0.5)),
                        random.betweenLog(11, 20)};
  page.fill(theme.ground);
  const double step = style.size * random.between(1.2, 1.6), gutter = random.chance(0.6) ? 3 * style.size : style.size;
  int indent = 0, number = random.whole(1, 400);
  for (double y = step * 1.2; y < page.size().height - 4; y += step, ++number) {
    if (gutter > 2 * style.size)
      page.lineEndingAt(style, std::to_string(number), gutter - style.size, y, {{0.5, 0.5, 0.5, 1}});
    indent = std::clamp(indent + random.whole(-1, 1), 0, 5);
    if (random.chance(0.12)) continue;
    std::string code = draft.corpus.phrase(random, false, 5);
    if (random.chance(0.5))
      code = fmt::format("{}({}, {});", draft.corpus.word(random, false), draft.corpus.word(random, false),
                         random.whole(0, 999));
    if (random.chance(0.15)) code = "# " + draft.corpus.sentence(random, draft.chinese);
    const double x = gutter + indent * 2 * style.size;
    const std::string shown = fitted(style, code, page.size().width - x - style.size);
    if (!shown.empty())
      page.line(style, shown, x, y, {random.chance(0.6) ? theme.text : inkOn(random, theme.ground, 0.4)});
  }
}

void drawChat(Draft& draft, Page& page, const TextStyle& style, const Theme& theme) {
  Random& random = draft.random;
  page.fill(theme.panel);
  double y = style.size;
  while (y < page.size().height - 3 * style.size) {
    const bool mine = random.chance(0.5);
    const double width = page.size().width * random.between(0.35, 0.7);
    const auto lines = wrapped(style, draft.corpus.sentence(random, draft.chinese), width);
    const double height = double(lines.size()) * style.size * 1.4 + style.size;
    const double x = mine ? page.size().width - width - 3 * style.size : 2 * style.size;
    const Colour bubble = mine ? theme.accent : theme.ground;
    page.rectangle(x, y, width + style.size, height, bubble, style.size * 0.6);
    const Paint paint{inkOn(random, bubble, 0.5)};
    for (std::size_t i = 0; i < lines.size(); ++i)
      page.line(style, lines[i], x + style.size * 0.5, y + style.size * (1.4 + 1.4 * double(i)), paint);
    y += height + style.size * 0.4;
    if (random.chance(0.4)) {
      page.lineAround({style.font, style.size * 0.8}, clockTime(random), page.size().width / 2.0, y + style.size,
                      {{0.55, 0.55, 0.55, 1}});
      y += style.size * 1.6;
    }
  }
}

// Goods or videos in a grid: a picture, a title, a price.
void drawShop(Draft& draft, Page& page, const TextStyle& style, const Theme& theme) {
  Random& random = draft.random;
  page.fill(theme.ground);
  const int columns = random.whole(2, 4);
  const double gap = style.size, width = (page.size().width - gap) / columns - gap,
               picture = width * random.between(0.5, 0.9);
  for (double y = gap; y + picture + 4 * style.size < page.size().height; y += picture + 4.6 * style.size)
    for (int i = 0; i < columns; ++i) {
      const double x = gap + i * (width + gap);
      page.rectangle(x, y, width, picture, anyColour(random), random.between(0, 10));
      const std::string title = fitted(style, draft.corpus.phrase(random, draft.chinese, 4), width);
      if (!title.empty()) page.line(style, title, x, y + picture + 1.4 * style.size, {theme.text});
      page.line({style.font, style.size * 1.2}, price(random), x, y + picture + 3 * style.size,
                {inkOn(random, theme.ground, 0.35)});
    }
}

}  // namespace

Canvas drawScreenshot(Draft& draft) {
  Random& random = draft.random;
  Page page = draft.page(draft.size);
  const Theme theme = anyTheme(random);
  const TextStyle style{&draft.font(FontUse::kText), random.betweenLog(11, 22)};
  const double width = draft.size.width, height = draft.size.height;
  Canvas canvas = draft.canvas();
  switch (random.whole(0, 5)) {
    case 0:
      drawEditor(draft, page, theme);
      break;
    case 1:
      drawChat(draft, page, style, theme);
      break;
    case 2:
      drawShop(draft, page, style, theme);
      break;
    case 3:
      drawWindow(draft, page, style, theme, 0, 0, width, height);
      break;
    default: {  // a window on a desktop
      paintView(canvas.image, random, draft.photographs);
      const double w = width * random.between(0.6, 0.95), h = height * random.between(0.6, 0.95);
      drawWindow(draft, page, style, theme, random.between(0, width - w), random.between(0, height - h), w, h);
    }
  }
  canvas.put(page, {});
  return canvas;
}

}  // namespace ocrdet::synth
