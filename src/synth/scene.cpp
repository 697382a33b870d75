// Streets and rooms: signs, plates, posters and letters painted on walls, each in its own perspective.

#include <algorithm>
#include <cmath>
#include <optional>

#include "synth/background.h"
#include "synth/draft.h"

namespace ocrdet::synth {
namespace {

Paint signPaint(Random& random, const Colour& ground, double size) {
  Paint paint{inkOn(random, ground, random.chance(0.15) ? 0.18 : 0.35)};
  if (random.chance(0.2)) {
    paint.outline_width = size * random.between(0.02, 0.06);
    paint.outline = inkOn(random, paint.fill, 0.3);
  }
  if (random.chance(0.25)) paint.shadow_shift = size * random.between(0.02, 0.08);
  return paint;
}

std::string signText(Draft& draft) {
  Random& random = draft.random;
  const double kind = random.unit();
  if (kind < 0.08) return phoneNumber(random);
  if (kind < 0.14) return price(random);
  if (kind < 0.2) return digits(random, random.whole(1, 5));
  if (kind < 0.25) return address(random, draft.corpus);
  // A Chinese street has Latin signs, too.
  const bool chinese = draft.chinese && random.chance(0.8);
  std::string text = draft.corpus.phrase(random, chinese, chinese ? 3 : 4);
  if (!chinese && random.chance(0.5)) text = upperCase(text);
  return text;
}

struct Sign {
  Page page;
  bool opaque = false;  // has a ground of its own
  Colour ink;
};

// Lines of a sign, the first often the largest, set on a sheet that is just large enough.
Sign makeSign(Draft& draft, double size, const Colour& wall) {
  Random& random = draft.random;
  const bool opaque = random.chance(0.6);
  const Colour ground = opaque ? anyColour(random) : wall;
  struct Line {
    TextStyle style;
    std::string text;
    double width = 0;
  };
  std::vector<Line> lines;
  const Font* font = &draft.font(random.chance(0.5) ? FontUse::kDisplay : FontUse::kText);
  for (int i = 0, count = random.chance(0.5) ? 1 : random.whole(2, 4); i < count; ++i) {
    const double scale = i == 0 ? 1 : random.between(0.4, 1);
    if (random.chance(0.2)) font = &draft.font(FontUse::kText);
    TextStyle style{font, size * scale, random.chance(0.15) ? size * random.between(0.05, 0.3) : 0};
    std::string text = drawable(*font, signText(draft));
    if (text.empty()) text = digits(random, 3);
    lines.push_back({style, text, Page::width(style, text)});
  }
  const double margin = size * (opaque ? random.between(0.25, 0.8) : 0.3);
  double width = 0, height = 2 * margin;
  for (const Line& line : lines) {
    width = std::max(width, line.width);
    height += line.style.size * 1.35;
  }
  const double arch = lines.size() == 1 && lines[0].width > 3 * size && random.chance(0.2)
                          ? random.between(1.2, 3) * lines[0].width
                          : 0;
  if (arch > 0) height += lines[0].width * lines[0].width / (8 * arch) + size * 0.3;
  constexpr double kLongest = 1600;
  const PixelSize sheet{int(std::min(height, kLongest)), int(std::min(width + 2 * margin + size * 0.2, kLongest))};
  Sign sign{draft.page(sheet), opaque, {}};
  if (opaque) {
    sign.page.rectangle(0, 0, sheet.width, sheet.height, ground,
                        random.chance(0.4) ? size * random.between(0.1, 0.6) : 0);
    if (random.chance(0.4))
      sign.page.frame(margin * 0.3, margin * 0.3, sheet.width - 0.6 * margin, sheet.height - 0.6 * margin,
                      inkOn(random, ground, 0.3), std::max(1.0, size * 0.04));
  }
  const Paint paint = signPaint(random, ground, size);
  sign.ink = paint.fill;
  if (arch > 0) {
    const bool inside = random.chance(0.3);
    const double sagitta = lines[0].width * lines[0].width / (8 * arch);
    const Point centre = inside ? Point{sheet.width / 2.0, margin + size + sagitta - arch}
                                : Point{sheet.width / 2.0, margin + size + arch};
    sign.page.arc(lines[0].style, lines[0].text, centre, arch, inside ? 3.14159265 : 0, inside, paint);
    return sign;
  }
  const auto align = Align(random.whole(0, 2));
  double y = margin;
  for (const Line& line : lines) {
    const LineMetrics metrics = lineMetrics(line.style);
    const double baseline = y + (line.style.size * 1.35 + metrics.ascent - metrics.descent) / 2;
    if (align == Align::kLeft) sign.page.line(line.style, line.text, margin, baseline, paint);
    if (align == Align::kCentre) sign.page.lineAround(line.style, line.text, sheet.width / 2.0, baseline, paint);
    if (align == Align::kRight) sign.page.lineEndingAt(line.style, line.text, sheet.width - margin, baseline, paint);
    y += line.style.size * 1.35;
  }
  return sign;
}

// Corners of a sheet of this size around the origin, turned and in perspective.
std::array<Point, 4> cornersInSpace(Random& random, PixelSize sheet) {
  const double angle = random.chance(0.6)    ? random.bell() * 0.12
                       : random.chance(0.15) ? 1.5708
                                             : random.between(-0.7, 0.7);
  const double squeeze = random.chance(0.4) ? random.between(0.6, 1) : 1;  // seen from the side
  const double taper = random.bell() * 0.12, shear = random.bell() * 0.08;
  std::array<Point, 4> corners = kUnitSquare;
  for (Point& corner : corners) {
    const double x = corner.x * sheet.width * squeeze;
    corner = {x, corner.y * sheet.height * (1 + 2 * corner.x * taper) + shear * x};
  }
  return turned(corners, angle);
}

bool overlaps(const Extent& a, const Extent& b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

// A free place in the picture, mostly inside.
std::optional<Extent> placeFor(Random& random, const Extent& shape, PixelSize picture,
                               const std::vector<Extent>& taken) {
  const double width = shape.right - shape.left, height = shape.bottom - shape.top;
  if (width > 0.98 * picture.width || height > 0.98 * picture.height) return {};
  for (int attempt = 0; attempt < 12; ++attempt) {
    // Now and then a sign is cut by the picture's edge.
    const double beyond = random.chance(0.06) ? 0.3 : 0;
    const double left = random.between(-beyond * width, picture.width - width * (1 - beyond));
    const double top = random.between(-beyond * height, picture.height - height * (1 - beyond));
    const Extent place{left, top, left + width, top + height};
    if (std::none_of(taken.begin(), taken.end(), [&](const Extent& other) { return overlaps(place, other); }))
      return place;
  }
  return {};
}

}  // namespace

Canvas drawScene(Draft& draft) {
  Random& random = draft.random;
  Canvas canvas = draft.canvas();
  paintView(canvas.image, random, draft.photographs);
  std::vector<Extent> taken;
  const double typical = random.betweenLog(14, 60);  // near and far streets
  for (int i = random.whole(2, 14); i > 0; --i) {
    const double size = typical * random.betweenLog(0.5, 2.2);
    const Colour wall = colourAt(canvas.image, {0, 0, double(draft.size.width), double(draft.size.height)});
    const Sign sign = makeSign(draft, size, wall);
    std::array<Point, 4> corners = cornersInSpace(random, sign.page.size());
    const Extent extent = extentOf({corners.begin(), corners.end()});
    const auto place = placeFor(random, extent, draft.size, taken);
    if (!place) continue;
    // Letters on the bare wall were made for its mean colour; where they land it may be theirs.
    if (!sign.opaque && std::abs(luminance(sign.ink) - luminance(colourAt(canvas.image, *place))) < 0.2) continue;
    for (Point& corner : corners) corner = {corner.x - extent.left + place->left, corner.y - extent.top + place->top};
    canvas.put(sign.page, View::onto(sign.page.size(), corners), sign.opaque ? 1 : random.between(0.8, 1));
    taken.push_back(*place);
  }
  return canvas;
}

}  // namespace ocrdet::synth
