// Till receipts: a narrow strip, a shop's name, items with prices on the right, totals, thanks.

#include <fmt/format.h>
#include <algorithm>

#include "synth/draft.h"

namespace ocrdet::synth {
namespace {

// Writes downwards; every call takes one line.
class Till {
 public:
  Till(Page& page, TextStyle style, double margin, double step, Paint paint, bool dotted)
      : page_(page), style_(style), margin_(margin), step_(step), y_(margin + step), paint_(paint), dotted_(dotted) {}

  bool hasRoom() const { return y_ + step_ < page_.size().height - margin_; }
  void skip(double lines) { y_ += lines * step_; }

  void left(const std::string& text) {
    const std::string shown = fitted(style_, text, inner());
    if (!shown.empty()) write(shown, margin_);
  }
  void centred(const std::string& text, double scale = 1) {
    TextStyle style = style_;
    style.size *= scale;
    const std::string shown = fitted(style, text, inner());
    if (scale > 1) y_ += (scale - 1) * step_;
    page_.lineAround(style, shown, page_.size().width / 2.0, y_, paint_);
    y_ += step_;
  }
  void pair(const std::string& name, const std::string& value) {
    const double value_width = Page::width(style_, value);
    const std::string shown = fitted(style_, name, inner() - value_width - 2 * style_.size);
    const double y = y_;
    if (!shown.empty()) write(shown, margin_);
    y_ = y;
    write(value, page_.size().width - margin_ - value_width);
  }
  void rule(bool dashes) {
    if (dashes) {
      for (double x = margin_; x < page_.size().width - margin_; x += 8)
        page_.rule(x, y_ - step_ * 0.35, x + 4, y_ - step_ * 0.35, paint_.fill, 1.2);
    } else {
      page_.rule(margin_, y_ - step_ * 0.35, page_.size().width - margin_, y_ - step_ * 0.35, paint_.fill, 1);
    }
    y_ += step_ * 0.7;
  }
  void barcode(Random& random) {
    if (!hasRoom()) return;
    for (double x = margin_ + 20; x < page_.size().width - margin_ - 20; x += random.between(2, 7))
      page_.rectangle(x, y_, random.between(1, 3), 2 * step_, paint_.fill);
    y_ += 3.2 * step_;
  }

 private:
  double inner() const { return page_.size().width - 2 * margin_; }
  void write(const std::string& text, double x) {
    if (dotted_)
      page_.dots(style_, drawable(*style_.font, text), x, y_, style_.size / 10, paint_);
    else
      page_.line(style_, drawable(*style_.font, text), x, y_, paint_);
    y_ += step_;
  }

  Page& page_;
  TextStyle style_;
  double margin_, step_, y_;
  Paint paint_;
  bool dotted_;
};

void writeItems(Draft& draft, Till& till) {
  Random& random = draft.random;
  const bool two_lines = random.chance(0.3);
  for (int i = random.whole(3, 14); i > 0 && till.hasRoom(); --i) {
    std::string name = draft.corpus.phrase(random, draft.chinese && random.chance(0.8), draft.chinese ? 2 : 3);
    if (random.chance(0.6)) name = upperCase(name);
    if (two_lines) {
      till.left(name);
      till.pair(fmt::format("  {} x {}", random.whole(1, 12), price(random)), price(random));
    } else {
      till.pair(random.chance(0.3) ? fmt::format("{} {}", random.whole(1, 9), name) : name, price(random));
    }
  }
}

}  // namespace

Canvas drawReceipt(Draft& draft) {
  Random& random = draft.random;
  const bool camera = random.chance(0.6);
  const double share = camera ? random.between(0.5, 0.8) : random.between(0.75, 1.0);
  Page page = draft.page({int(draft.size.height * random.between(0.95, 1.1)), int(draft.size.width * share)});
  page.fill(paperColour(random));
  const double grey = random.between(0.05, 0.45);
  const TextStyle style{&draft.font(random.chance(0.7) ? FontUse::kMono : FontUse::kText), random.betweenLog(12, 22)};
  const double step = style.size * random.between(1.15, 1.6);
  Till till(page, style, page.size().width * random.between(0.04, 0.1), step, {{grey, grey, grey, 1}},
            random.chance(0.15));

  till.centred(upperCase(draft.corpus.phrase(random, draft.chinese, 3)), random.between(1, 2));
  for (int i = random.whole(1, 3); i > 0; --i)
    till.centred(random.chance(0.3) ? phoneNumber(random) : draft.corpus.phrase(random, draft.chinese, 4));
  if (random.chance(0.7)) till.rule(random.chance(0.5));
  till.pair(draft.chinese ? "日期：" + date(random, true) : "Date: " + date(random, false), clockTime(random));
  till.left((draft.chinese ? "单号：" : "Bill No: ") + digits(random, random.whole(5, 12)));
  till.rule(random.chance(0.5));
  writeItems(draft, till);
  if (till.hasRoom()) till.rule(random.chance(0.5));
  constexpr const char* kTotals[] = {"SUBTOTAL", "TAX 6%", "TOTAL", "CASH", "CHANGE"};
  constexpr const char* kChineseTotals[] = {"小计", "税额", "合计", "现金", "找零"};
  for (int i = 0; i < 5 && till.hasRoom(); ++i)
    if (random.chance(0.8)) till.pair(draft.chinese ? kChineseTotals[i] : kTotals[i], price(random));
  till.skip(0.5);
  if (random.chance(0.4)) till.barcode(random);
  while (till.hasRoom() && random.chance(0.7)) till.centred(draft.corpus.sentence(random, draft.chinese));
  return camera ? photographed(draft, page) : scanned(draft, page);
}

}  // namespace ocrdet::synth
