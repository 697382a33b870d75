#include "synth/draft.h"

#include <algorithm>
#include <cmath>

#include "synth/background.h"

namespace ocrdet::synth {
namespace {

// Pieces between which a line may end: words, and single Chinese signs with the punctuation behind them.
std::vector<std::string> breakable(std::string_view text) {
  std::vector<std::string> pieces;
  bool word = false;
  for (const std::string& sign : signsOf(text)) {
    const bool wide = sign.size() > 1;
    const bool closes =
        sign == "，" || sign == "。" || sign == "、" || sign == "；" || sign == "：" || sign == "！" || sign == "）";
    if (sign == " ") {
      if (!pieces.empty() && !pieces.back().ends_with(' ')) pieces.back() += ' ';
      word = false;
    } else if ((word && !wide) || (closes && !pieces.empty())) {
      pieces.back() += sign;
    } else {
      pieces.push_back(sign);
      word = !wide;
    }
  }
  return pieces;
}

std::string withoutEndBlank(std::string text) {
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

}  // namespace

Colour anyColour(Random& random) {
  return {random.unit(), random.unit(), random.unit(), 1};
}

Colour paperColour(Random& random) {
  if (random.chance(0.4)) return {1, 1, 1, 1};
  const double light = random.between(0.78, 1);
  return {light, light * random.between(0.94, 1), light * random.between(0.82, 1), 1};
}

Colour inkOn(Random& random, const Colour& ground, double distance) {
  const double light = luminance(ground);
  for (int attempt = 0; attempt < 30; ++attempt) {
    Colour colour = anyColour(random);
    // Most signs are black, white, or nearly so.
    if (random.chance(0.5)) {
      const double grey = random.chance(0.5) ? random.between(0, 0.25) : random.between(0.8, 1);
      colour = {grey, grey, grey, 1};
    }
    if (std::abs(luminance(colour) - light) >= distance) return colour;
  }
  return light > 0.5 ? Colour{0, 0, 0, 1} : Colour{1, 1, 1, 1};
}

bool hardlyShows(const Colour& ink, const Colour& ground) {
  return ink.alpha * std::abs(luminance(ground) - luminance(ink)) < 0.14;
}

std::string fitted(const TextStyle& style, std::string_view text, double width) {
  const auto lines = wrapped(style, text, width);
  return lines.empty() ? "" : lines.front();
}

std::vector<std::string> wrapped(const TextStyle& style, std::string_view text, double width) {
  std::vector<std::string> lines;
  std::string line;
  double used = 0;
  for (const std::string& piece : breakable(drawable(*style.font, text))) {
    const double advance = Page::width(style, piece);
    if (advance > width) continue;  // a word longer than the line has no place
    if (used + advance > width && !line.empty()) {
      lines.push_back(withoutEndBlank(std::move(line)));
      line.clear();
      used = 0;
    }
    line += piece;
    used += advance;
  }
  if (!withoutEndBlank(line).empty()) lines.push_back(withoutEndBlank(line));
  return lines;
}

double paragraph(Page& page, const TextStyle& style, std::string_view text, const Block& block, const Paint& paint) {
  const LineMetrics metrics = lineMetrics(style);
  const double step = style.size * block.leading;
  double top = block.y;
  for (const std::string& line : wrapped(style, text, block.width)) {
    if (top + step > block.bottom) return block.bottom;
    const double baseline = top + (step + metrics.ascent - metrics.descent) / 2;
    if (block.align == Align::kLeft) page.line(style, line, block.x, baseline, paint);
    if (block.align == Align::kCentre) page.lineAround(style, line, block.x + block.width / 2, baseline, paint);
    if (block.align == Align::kRight) page.lineEndingAt(style, line, block.x + block.width, baseline, paint);
    top += step;
  }
  return top;
}

std::array<Point, 4> turned(std::array<Point, 4> corners, double angle, Point centre) {
  const double cosine = std::cos(angle), sine = std::sin(angle);
  for (Point& corner : corners)
    corner = {centre.x + corner.x * cosine - corner.y * sine, centre.y + corner.x * sine + corner.y * cosine};
  return corners;
}

Canvas scanned(Draft& draft, const Page& page) {
  Random& random = draft.random;
  Canvas canvas = draft.canvas();
  std::fill(canvas.image.bgr.begin(), canvas.image.bgr.end(), std::uint8_t(random.whole(200, 255)));
  const double angle = random.chance(0.3) ? 0 : random.bell() * 0.012;
  std::array<Point, 4> corners = kUnitSquare;
  for (Point& corner : corners) corner = {corner.x * page.size().width, corner.y * page.size().height};
  const Point centre{draft.size.width / 2.0, draft.size.height / 2.0};
  canvas.put(page, View::onto(page.size(), turned(corners, angle, centre)));
  return canvas;
}

Canvas photographed(Draft& draft, const Page& page) {
  Random& random = draft.random;
  Canvas canvas = draft.canvas();
  paintSurface(canvas.image, random);
  // The page nearly fills the picture: its corners move independently, and all of it turns a little.
  const double scale =
      std::min(double(draft.size.width) / page.size().width, double(draft.size.height) / page.size().height) *
      random.between(0.86, 1.0);
  const double angle = random.bell() * 0.08;
  const double width = page.size().width * scale, height = page.size().height * scale;
  const Point centre{draft.size.width / 2.0 + random.bell() * 0.02 * width, draft.size.height / 2.0};
  const double slant = random.between(0, 0.06);
  std::array<Point, 4> corners = kUnitSquare;
  for (Point& corner : corners)
    corner = {corner.x * width * (1 + random.bell() * slant), corner.y * height * (1 + random.bell() * slant)};
  View view = View::onto(page.size(), turned(corners, angle, centre));
  if (random.chance(0.5)) {
    view.bend = random.between(0.002, 0.012) * page.size().width;
    view.bend_length = page.size().width * random.between(0.8, 2.5);
    view.bend_phase = random.between(0, 6.28);
  }
  canvas.put(page, view);
  return canvas;
}

}  // namespace ocrdet::synth
