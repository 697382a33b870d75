// Tables and forms: ruled cells with short texts and numbers, and fields with names before lines to write on.

#include <fmt/format.h>
#include <algorithm>
#include <numeric>

#include "synth/draft.h"

namespace ocrdet::synth {
namespace {

std::string cellText(Draft& draft) {
  Random& random = draft.random;
  switch (random.whole(0, 7)) {
    case 0:
      return price(random);
    case 1:
      return date(random, draft.chinese);
    case 2:
      return digits(random, random.whole(1, 8));
    case 3:
      return fmt::format("{:.1f}%", random.between(0, 100));
    case 4:
      return clockTime(random);
    default:
      return draft.corpus.phrase(random, draft.chinese, 2);
  }
}

struct Grid {
  std::vector<double> x;  // of the vertical lines
  double top = 0, row_height = 0;
  int rows = 0;
};

std::vector<double> columnLines(Random& random, double left, double right, int columns) {
  std::vector<double> shares;
  for (int i = 0; i < columns; ++i) shares.push_back(random.between(0.6, 1.6));
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  std::vector<double> lines{left};
  for (const double share : shares) lines.push_back(lines.back() + share / sum * (right - left));
  return lines;
}

void drawRules(Page& page, Random& random, const Grid& grid, const Colour& ink) {
  const double thickness = random.between(0.6, 2), bottom = grid.top + grid.rows * grid.row_height;
  const int style = random.whole(0, 3);  // all lines, rows only, outside only, none
  for (int row = 0; row <= grid.rows; ++row)
    if (style <= 1 || (style == 2 && (row == 0 || row == grid.rows)))
      page.rule(grid.x.front(), grid.top + row * grid.row_height, grid.x.back(), grid.top + row * grid.row_height, ink,
                thickness);
  for (std::size_t i = 0; i < grid.x.size(); ++i)
    if (style == 0 || (style == 2 && (i == 0 || i + 1 == grid.x.size())))
      page.rule(grid.x[i], grid.top, grid.x[i], bottom, ink, thickness);
}

double drawGrid(Draft& draft, Page& page, const TextStyle& style, double left, double right, double top,
                double bottom) {
  Random& random = draft.random;
  Grid grid{columnLines(random, left, right, random.whole(2, 6)), top, style.size * random.between(1.5, 2.6), 0};
  grid.rows = std::min(random.whole(3, 16), int((bottom - top) / grid.row_height));
  if (grid.rows < 2) return bottom;
  const double grey = random.between(0, 0.3);
  const Colour ink{grey, grey, grey, 1};
  Paint paint{ink};
  Paint header = paint;
  if (random.chance(0.5)) {
    const Colour ground = anyColour(random);
    page.rectangle(left, top, right - left, grid.row_height, ground);
    header.fill = inkOn(random, ground, 0.45);
  }
  if (random.chance(0.3))
    for (int row = 2; row < grid.rows; row += 2)
      page.rectangle(left, top + row * grid.row_height, right - left, grid.row_height, {0.9, 0.92, 0.95, 1});
  drawRules(page, random, grid, ink);
  const LineMetrics metrics = lineMetrics(style);
  for (std::size_t column = 0; column + 1 < grid.x.size(); ++column) {
    const auto align = Align(random.whole(0, 2));
    const double room = grid.x[column + 1] - grid.x[column] - style.size;
    for (int row = 0; row < grid.rows; ++row) {
      if (row > 0 && random.chance(0.08)) continue;
      const std::string wanted = row == 0 ? draft.corpus.phrase(random, draft.chinese, 2) : cellText(draft);
      const std::string text = fitted(style, wanted, room);
      if (text.empty()) continue;
      const double baseline = grid.top + (row + 0.5) * grid.row_height + (metrics.ascent - metrics.descent) / 2;
      const Paint& used = row == 0 ? header : paint;
      if (align == Align::kLeft) page.line(style, text, grid.x[column] + style.size / 2, baseline, used);
      if (align == Align::kCentre)
        page.lineAround(style, text, (grid.x[column] + grid.x[column + 1]) / 2, baseline, used);
      if (align == Align::kRight) page.lineEndingAt(style, text, grid.x[column + 1] - style.size / 2, baseline, used);
    }
  }
  return top + grid.rows * grid.row_height;
}

// "Name: ______   Date: ______": names are printed, what is filled in is written in another font.
double drawFields(Draft& draft, Page& page, const TextStyle& style, double left, double right, double top,
                  double bottom) {
  Random& random = draft.random;
  const TextStyle filled{&draft.font(random.chance(0.5) ? FontUse::kDisplay : FontUse::kMono),
                         style.size * random.between(0.95, 1.2)};
  const Paint paint{{0.1, 0.1, 0.1, 1}};
  const Paint pen{{random.between(0, 0.3), random.between(0, 0.3), random.between(0, 0.8), 1}};
  const double step = style.size * random.between(1.7, 2.6);
  double y = top + step;
  for (int row = random.whole(2, 8); row > 0 && y < bottom; --row, y += step) {
    const int fields = random.whole(1, 3);
    for (int i = 0; i < fields; ++i) {
      const double x0 = left + i * (right - left) / fields, x1 = left + (i + 0.94) * (right - left) / fields;
      const std::string name =
          fitted(style, draft.corpus.phrase(random, draft.chinese, 2) + (draft.chinese ? "：" : ":"), (x1 - x0) * 0.6);
      if (name.empty()) continue;
      const double begin = x0 + page.line(style, name, x0, y, paint) + style.size * 0.4;
      page.rule(begin, y + 2, x1, y + 2, paint.fill, 0.8);
      const std::string value = fitted(filled, cellText(draft), x1 - begin - style.size * 0.6);
      if (!value.empty() && random.chance(0.7)) page.line(filled, value, begin + style.size * 0.4, y - 1, pen);
    }
  }
  return y;
}

}  // namespace

Canvas drawTable(Draft& draft) {
  Random& random = draft.random;
  const bool camera = random.chance(0.3);
  Page page = draft.page({draft.size.height, int(draft.size.width * (camera ? 0.85 : 1.03))});
  page.fill(paperColour(random));
  const double width = page.size().width, height = page.size().height, margin = width * random.between(0.04, 0.1);
  const TextStyle style{&draft.font(FontUse::kText), random.betweenLog(10, 22)};
  double y = margin;
  while (y + 3 * style.size < height - margin) {
    if (random.chance(0.6)) {
      const TextStyle title{style.font, style.size * random.between(1.1, 2)};
      y = paragraph(
          page, title, draft.corpus.phrase(random, draft.chinese, 4),
          {margin, y, width - 2 * margin, height - margin, 1.4, random.chance(0.5) ? Align::kCentre : Align::kLeft},
          {{0, 0, 0, 1}});
    }
    y = random.chance(0.65)
            ? drawGrid(draft, page, style, margin, width - margin, y + style.size * 0.4, height - margin)
            : drawFields(draft, page, style, margin, width - margin, y, height - margin);
    y += style.size * random.between(0.8, 2.5);
  }
  return camera ? photographed(draft, page) : scanned(draft, page);
}

}  // namespace ocrdet::synth
