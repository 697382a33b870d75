// Seals, stamps and watermarks on documents: text on a circle, square name seals, slanted pale words over a page.

#include <algorithm>
#include <cmath>
#include <numbers>

#include "synth/draft.h"

namespace ocrdet::synth {
namespace {

Colour sealInk(Random& random) {
  if (random.chance(0.15))
    return {random.between(0, 0.2), random.between(0.1, 0.3), random.between(0.5, 0.9), random.between(0.6, 0.95)};
  return {random.between(0.65, 0.95), random.between(0.02, 0.2), random.between(0.02, 0.2), random.between(0.55, 0.95)};
}

void star(Page& page, Point centre, double radius, const Colour& ink) {
  cairo_t* c = page.cairo();
  for (int i = 0; i < 10; ++i) {
    const double angle = i * std::numbers::pi / 5, r = i % 2 ? radius * 0.382 : radius;
    cairo_line_to(c, centre.x + r * std::sin(angle), centre.y - r * std::cos(angle));
  }
  cairo_close_path(c);
  cairo_set_source_rgba(c, ink.red, ink.green, ink.blue, ink.alpha);
  cairo_fill(c);
}

void circle(Page& page, Point centre, double radius, const Colour& ink, double thickness) {
  cairo_t* c = page.cairo();
  cairo_new_sub_path(c);
  cairo_arc(c, centre.x, centre.y, radius, 0, 2 * std::numbers::pi);
  cairo_set_source_rgba(c, ink.red, ink.green, ink.blue, ink.alpha);
  cairo_set_line_width(c, thickness);
  cairo_stroke(c);
}

// The company's name around the upper half, a star, and a line below.
void roundSeal(Draft& draft, Page& page, Point centre, double radius) {
  Random& random = draft.random;
  const Colour ink = sealInk(random);
  const Paint paint{ink};
  circle(page, centre, radius, ink, radius * random.between(0.03, 0.07));
  if (random.chance(0.3)) circle(page, centre, radius * 0.62, ink, 1);
  TextStyle style{&draft.font(FontUse::kText), radius * random.between(0.2, 0.3)};
  std::string name = draft.corpus.phrase(random, draft.chinese, draft.chinese ? 4 : 3);
  name = drawable(*style.font, draft.chinese ? name : upperCase(name));
  const double baseline = radius * 0.92 - style.size;
  // Letters are spread over the arc, as engravers do.
  const double arc = std::numbers::pi * random.between(0.6, 1.0) * baseline;
  const double width = Page::width(style, name);
  const auto signs = double(signsOf(name).size());
  if (width > arc)
    style.size *= arc / width;
  else if (signs > 1)
    style.spacing = std::min(style.size * 0.8, (arc - width) / signs);
  page.arc(style, name, centre, baseline, 0, false, paint);
  if (random.chance(0.7)) star(page, centre, radius * random.between(0.2, 0.3), ink);
  const TextStyle small{style.font, radius * random.between(0.14, 0.2)};
  const std::string line = fitted(
      small, random.chance(0.5) ? draft.corpus.phrase(random, draft.chinese, 2) : digits(random, 10), radius * 1.2);
  if (!line.empty()) page.lineAround(small, line, centre.x, centre.y + radius * 0.62, paint);
}

// Two or three columns of large signs in a square, red on paper or paper on red.
void squareSeal(Draft& draft, Page& page, Point corner, double side) {
  Random& random = draft.random;
  const Colour ink = sealInk(random);
  const bool filled = random.chance(0.5);
  if (filled)
    page.rectangle(corner.x, corner.y, side, side, ink, side * 0.06);
  else
    page.frame(corner.x, corner.y, side, side, ink, side * 0.05);
  const int columns = 2, rows = random.whole(2, 3);
  const double pitch = side * 0.86 / rows, width = side * 0.86 / columns;
  const TextStyle style{&draft.font(FontUse::kText), std::min(pitch, width) * 0.95};
  const Paint paint{filled ? Colour{1, 0.96, 0.92, 1} : ink};
  for (int column = 0; column < columns; ++column) {  // from right to left
    std::string signs;
    for (int i = 0; i < rows; ++i) {
      const auto word = signsOf(draft.corpus.word(random, draft.chinese));
      signs += draft.chinese ? random.pick(word) : upperCase(word.front());
    }
    page.column(style, drawable(*style.font, signs), corner.x + side * 0.93 - (column + 0.5) * width,
                corner.y + side * 0.06, pitch, paint);
  }
}

// A slanted box with a word and a date: PAID, COPY, 已付.
void boxStamp(Draft& draft, Page& page, Point centre, double size) {
  Random& random = draft.random;
  const Colour ink = sealInk(random);
  cairo_t* c = page.cairo();
  cairo_save(c);
  cairo_translate(c, centre.x, centre.y);
  cairo_rotate(c, random.between(-0.4, 0.4));
  const TextStyle style{&draft.font(FontUse::kDisplay), size};
  const std::string word = drawable(
      *style.font, draft.chinese ? draft.corpus.word(random, true) : upperCase(draft.corpus.word(random, false)));
  const double width = Page::width(style, word) + size;
  page.frame(-width / 2, -size * 1.1, width, size * 2.1, ink, size * 0.09);
  page.lineAround(style, word, 0, 0, {ink});
  const TextStyle small{style.font, size * 0.55};
  page.lineAround(small, date(random, false), 0, size * 0.72, {ink});
  cairo_restore(c);
}

// Pale words over the whole page. Those that hardly show are not to be found.
void watermark(Draft& draft, Page& page, const Colour& paper) {
  Random& random = draft.random;
  const double alpha = random.between(0.06, 0.4), size = random.betweenLog(20, 60), angle = random.between(-0.7, 0.7);
  const TextStyle style{&draft.font(FontUse::kText), size};
  const std::string text = fitted(style, draft.corpus.phrase(random, draft.chinese, 2), page.size().width * 0.5);
  if (text.empty()) return;
  const double grey = random.between(0.2, 0.6);
  Paint paint{{grey, grey, grey, alpha}};
  paint.ignored = hardlyShows(paint.fill, paper);
  const double step_x = Page::width(style, text) + size * random.between(1.5, 4), step_y = size * random.between(3, 6);
  cairo_t* c = page.cairo();
  for (double y = step_y / 2; y < page.size().height; y += step_y)
    for (double x = step_x / 2; x < page.size().width; x += step_x) {
      cairo_save(c);
      cairo_translate(c, x, y);
      cairo_rotate(c, angle);
      page.lineAround(style, text, 0, 0, paint);
      cairo_restore(c);
    }
}

}  // namespace

Canvas drawSeal(Draft& draft) {
  Random& random = draft.random;
  Page page = draft.page({draft.size.height, draft.size.width});
  const Colour paper = paperColour(random);
  page.fill(paper);
  const double width = page.size().width, height = page.size().height, margin = std::min(width, height) * 0.08;
  // A letter above, signatures and seals below, so that they seldom cover each other.
  const TextStyle body{&draft.font(FontUse::kText), random.betweenLog(12, 22)};
  Block block{margin, margin, width - 2 * margin, height * random.between(0.35, 0.6), 1.5};
  while (block.y + 2 * body.size < block.bottom)
    block.y = paragraph(page, body, draft.corpus.sentence(random, draft.chinese), block, {{0.1, 0.1, 0.12, 1}}) +
              body.size * 0.5;
  if (random.chance(0.3)) watermark(draft, page, paper);
  const double room = height - block.bottom - margin;
  const double radius = std::min({room / 2, width * 0.22}) * random.between(0.7, 1);
  const Point centre{random.between(margin + radius, width - margin - radius), block.bottom + room / 2};
  roundSeal(draft, page, centre, radius);
  const bool left = centre.x > width / 2;
  const double free_left = left ? margin : centre.x + radius + 20,
               free_right = left ? centre.x - radius - 20 : width - margin;
  const double side = std::min({room * 0.7, free_right - free_left, 170.0}) * random.between(0.5, 1);
  if (side > 50 && random.chance(0.5))
    squareSeal(draft, page, {random.between(free_left, free_right - side), block.bottom + (room - side) / 2}, side);
  else if (side > 50)
    boxStamp(draft, page, {(free_left + free_right) / 2, block.bottom + room / 2}, side * 0.2);
  return random.chance(0.5) ? photographed(draft, page) : scanned(draft, page);
}

}  // namespace ocrdet::synth
