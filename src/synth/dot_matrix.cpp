// Dots of matrix printers and ink jets: dates on packages and bottles, codes on cartons, old print-outs.

#include <fmt/format.h>

#include "synth/background.h"
#include "synth/draft.h"

namespace ocrdet::synth {
namespace {

std::string code(Draft& draft) {
  Random& random = draft.random;
  switch (random.whole(0, 5)) {
    case 0:
      return "EXP " + date(random, false);
    case 1:
      return "LOT " + upperCase(draft.corpus.word(random, false).substr(0, 2)) + digits(random, 6);
    case 2:
      return digits(random, 8) + " " + clockTime(random);
    case 3:
      return draft.chinese ? "生产日期 " + date(random, false) : "MFG " + date(random, false);
    case 4:
      return draft.chinese ? "保质期至 " + date(random, false) : "BEST BEFORE " + date(random, false);
    default:
      return digits(random, random.whole(4, 12));
  }
}

// One to four lines printed straight onto a surface.
Canvas package(Draft& draft) {
  Random& random = draft.random;
  Canvas canvas = draft.canvas();
  paintSurface(canvas.image, random);
  const Paint paint{
      inkOn(random, colourAt(canvas.image, {0, 0, double(draft.size.width), double(draft.size.height)}), 0.4)};
  // One for all blocks, or they would run into each other.
  const double angle = random.bell() * 0.08, shear = random.bell() * 0.1;
  double top = random.between(0.02, 0.2) * draft.size.height;
  while (top < draft.size.height * 0.85) {
    const TextStyle style{&draft.fonts.pick(random, FontUse::kMono, draft.chinese), random.betweenLog(18, 62)};
    Page page = draft.page({int(style.size * 6), draft.size.width});
    double y = style.size * 1.2;
    for (int i = random.whole(1, 3); i > 0; --i, y += style.size * random.between(1.2, 1.6)) {
      const std::string text = fitted(style, code(draft), page.size().width * 0.86);
      if (!text.empty())
        page.dots(style, text, page.size().width * 0.06, y, style.size / random.between(10, 14), paint);
    }
    View view;
    view.perspective = {1, shear, random.between(0, 30), angle, 1, top, 0, 0, 1};
    canvas.put(page, view);
    top += y + style.size * random.between(0.8, 2.5);
  }
  return canvas;
}

// A page of fan-fold paper with pale stripes.
Canvas printOut(Draft& draft) {
  Random& random = draft.random;
  Page page = draft.page(draft.size);
  page.fill({1, 1, 1, 1});
  const TextStyle style{&draft.fonts.pick(random, FontUse::kMono, draft.chinese), random.betweenLog(16, 26)};
  const double step = style.size * random.between(1.2, 1.6);
  if (random.chance(0.5))
    for (double y = 0; y < draft.size.height; y += 4 * step)
      page.rectangle(0, y, draft.size.width, 2 * step, {0.86, 0.93, 0.87, 1});
  const double grey = random.between(0.1, 0.5);
  for (double y = 1.5 * step; y < draft.size.height - step; y += step) {
    if (random.chance(0.15)) continue;
    const std::string text = random.chance(0.4) ? fmt::format("{} {}", digits(random, 6), price(random))
                                                : draft.corpus.sentence(random, draft.chinese);
    const std::string shown = fitted(style, text, draft.size.width - 4 * style.size);
    if (!shown.empty()) page.dots(style, shown, 2 * style.size, y, style.size / 11, {{grey, grey, grey + 0.05, 1}});
  }
  return random.chance(0.5) ? photographed(draft, page) : scanned(draft, page);
}

}  // namespace

Canvas drawDotMatrix(Draft& draft) {
  return draft.random.chance(0.65) ? package(draft) : printOut(draft);
}

}  // namespace ocrdet::synth
