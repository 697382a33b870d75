// What every kind of picture is drawn from.
#pragma once

#include <array>
#include <span>

#include "base/random.h"
#include "image/image.h"
#include "synth/canvas.h"
#include "synth/corpus.h"
#include "synth/fonts.h"

namespace ocrdet::synth {

struct Draft {
  Random random;
  const Corpus& corpus;
  const Fonts& fonts;
  std::span<const std::filesystem::path> photographs;  // backgrounds besides those that are made up
  PixelSize size;
  Level level = Level::kLine;
  bool keep_ink = false;
  bool chinese = false;  // the picture's main language

  Page page(PixelSize page_size) const { return {page_size, level, keep_ink}; }
  Canvas canvas() const { return {size, keep_ink}; }
  const Font& font(FontUse use) { return fonts.pick(random, use, chinese); }
};

// A dark ink for light paper, or a light one for dark ground: `distance` of luminance at least.
Colour inkOn(Random& random, const Colour& ground, double distance);
// So pale on this ground that people overlook it; its labels are to be ignored.
bool hardlyShows(const Colour& ink, const Colour& ground);
Colour anyColour(Random& random);
Colour paperColour(Random& random);

// A text that the style can write on a line of `width`, cut to fit; empty when not even its beginning does.
std::string fitted(const TextStyle& style, std::string_view text, double width);

// Lines of at most `width`; words are kept whole, Chinese signs are not.
std::vector<std::string> wrapped(const TextStyle& style, std::string_view text, double width);

enum class Align { kLeft, kCentre, kRight };
struct Block {
  double x = 0, y = 0, width = 0, bottom = 0;  // y: top of the first line; no line begins below bottom
  double leading = 1.35;                       // of the size
  Align align = Align::kLeft;
};
// Sets a text into the block. Returns where the next block may begin.
double paragraph(Page& page, const TextStyle& style, std::string_view text, const Block& block, const Paint& paint);

// The kinds of pictures. Each draws the whole picture with its labels, before wear.
Canvas drawScene(Draft& draft);
Canvas drawDocument(Draft& draft);
Canvas drawReceipt(Draft& draft);
Canvas drawTable(Draft& draft);
Canvas drawScreenshot(Draft& draft);
Canvas drawSeal(Draft& draft);
Canvas drawVertical(Draft& draft);
Canvas drawDotMatrix(Draft& draft);

// The corners of a square of side 1 around the origin, clockwise from its upper left.
inline constexpr std::array<Point, 4> kUnitSquare{{{-0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}, {-0.5, 0.5}}};
// Corners around the origin, turned by `angle` (radians, clockwise on the screen) and moved to lie around `centre`.
std::array<Point, 4> turned(std::array<Point, 4> corners, double angle, Point centre = {});

// A page that a scanner saw: nearly straight, edge to edge; or a camera: in perspective, bent, on a table.
Canvas scanned(Draft& draft, const Page& page);
Canvas photographed(Draft& draft, const Page& page);

}  // namespace ocrdet::synth
