#include "synth/page.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <new>
#include <numbers>
#include <utility>

#include "synth/corpus.h"

namespace ocrdet::synth {
namespace {

void setSource(cairo_t* cairo, const Colour& colour) {
  cairo_set_source_rgba(cairo, colour.red, colour.green, colour.blue, colour.alpha);
}

Extent unionOf(const Extent& a, const Extent& b) {
  if (a.right <= a.left) return b;
  return {std::min(a.left, b.left), std::min(a.top, b.top), std::max(a.right, b.right), std::max(a.bottom, b.bottom)};
}

Point onPage(cairo_t* cairo, double x, double y) {
  cairo_user_to_device(cairo, &x, &y);
  return {x, y};
}

// Calls change(x, y) on every point of the flattened path and makes it the current one. Returns the points.
template <typename Change>
Polygon bendPath(cairo_t* cairo, const Change& change) {
  const std::unique_ptr<cairo_path_t, decltype([](cairo_path_t* path) { cairo_path_destroy(path); })> path(
      cairo_copy_path_flat(cairo));
  Polygon points;
  for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
    if (path->data[i].header.type == CAIRO_PATH_CLOSE_PATH) continue;
    auto& at = path->data[i + 1].point;
    const Point moved = change(at.x, at.y);
    at.x = moved.x;
    at.y = moved.y;
    points.push_back(onPage(cairo, moved.x, moved.y));
  }
  cairo_new_path(cairo);
  cairo_append_path(cairo, path.get());
  return points;
}

// Calls use(word, whether a blank stands behind it) for every word; blanks before the first one are dropped.
template <typename Use>
void forEachWord(std::string_view text, const Use& use) {
  for (const std::string& word : wordsOf(text)) {
    text.remove_prefix(text.find(word) + word.size());
    use(word, text.starts_with(' '));
  }
}

// Outlines are those of the whole ink, but what reaches beyond the sheet was never drawn. A serif that does is no loss.
bool isCutOff(const Polygon& outline, PixelSize sheet) {
  constexpr double kEnough = 0.97;
  return isNoShape(outline) || shareInside(outline, sheet) < kEnough;
}

}  // namespace

double luminance(const Colour& colour) {
  return 0.299 * colour.red + 0.587 * colour.green + 0.114 * colour.blue;
}

Page::Page(PixelSize size, Level level, bool keep_ink)
    : size_(size),
      level_(level),
      surface_(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, size.width, size.height)),
      cairo_(cairo_create(surface_.get())) {
  if (cairo_status(cairo_.get()) != CAIRO_STATUS_SUCCESS) throw std::bad_alloc();
  if (!keep_ink) return;
  ink_surface_.reset(cairo_image_surface_create(CAIRO_FORMAT_RGB24, size.width, size.height));
  ink_.reset(cairo_create(ink_surface_.get()));
  cairo_set_antialias(ink_.get(), CAIRO_ANTIALIAS_NONE);
}

void Page::fill(const Colour& colour) {
  setSource(cairo_.get(), colour);
  cairo_paint(cairo_.get());
}

void Page::rectangle(double x, double y, double width, double height, const Colour& colour, double corner_radius) {
  cairo_t* c = cairo_.get();
  const double r = std::min({corner_radius, width / 2, height / 2});
  constexpr double kQuarter = std::numbers::pi / 2;
  if (r <= 0) {
    cairo_rectangle(c, x, y, width, height);
  } else {
    cairo_new_sub_path(c);
    cairo_arc(c, x + width - r, y + r, r, -kQuarter, 0);
    cairo_arc(c, x + width - r, y + height - r, r, 0, kQuarter);
    cairo_arc(c, x + r, y + height - r, r, kQuarter, 2 * kQuarter);
    cairo_arc(c, x + r, y + r, r, 2 * kQuarter, 3 * kQuarter);
    cairo_close_path(c);
  }
  setSource(c, colour);
  cairo_fill(c);
}

void Page::frame(double x, double y, double width, double height, const Colour& colour, double thickness) {
  cairo_rectangle(cairo_.get(), x, y, width, height);
  setSource(cairo_.get(), colour);
  cairo_set_line_width(cairo_.get(), thickness);
  cairo_stroke(cairo_.get());
}

void Page::rule(double x0, double y0, double x1, double y1, const Colour& colour, double thickness) {
  cairo_move_to(cairo_.get(), x0, y0);
  cairo_line_to(cairo_.get(), x1, y1);
  setSource(cairo_.get(), colour);
  cairo_set_line_width(cairo_.get(), thickness);
  cairo_stroke(cairo_.get());
}

void Page::paintPath(const Paint& paint) {
  cairo_t* c = cairo_.get();
  if (paint.outline_width > 0) {
    setSource(c, paint.outline);
    cairo_set_line_width(c, 2 * paint.outline_width);
    cairo_set_line_join(c, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke_preserve(c);
  }
  setSource(c, paint.fill);
  cairo_fill(c);
}

// The ink that counts is that of the letters; outlines and shadows only decorate it.
void Page::paintText(const ShapedText& text, double x, double y, const Paint& paint) {
  cairo_t* c = cairo_.get();
  if (paint.shadow_shift > 0) {
    cairo_move_to(c, x + paint.shadow_shift, y + paint.shadow_shift);
    setSource(c, {0, 0, 0, 0.5 * paint.fill.alpha});
    text.show(c);
  }
  cairo_move_to(c, x, y);
  if (paint.outline_width > 0) {
    text.addPath(c);
    paintPath(paint);
  } else {
    setSource(c, paint.fill);
    text.show(c);
  }
  if (!ink_) return;
  cairo_matrix_t matrix;
  cairo_get_matrix(c, &matrix);
  cairo_set_matrix(ink_.get(), &matrix);
  cairo_move_to(ink_.get(), x, y);
  text.addPath(ink_.get());
  markInk();
}

void Page::markInk() {
  const auto number = unsigned(labels_.size() + 1);
  cairo_set_source_rgb(ink_.get(), double(number >> 16U & 255U) / 255, double(number >> 8U & 255U) / 255,
                       double(number & 255U) / 255);
  // Hairlines would fall between pixels, which are all or nothing here.
  cairo_set_line_width(ink_.get(), 0.7);
  cairo_stroke_preserve(ink_.get());
  cairo_fill(ink_.get());
}

void Page::addLabel(const Extent& ink, std::string text, bool ignored, bool column) {
  cairo_t* c = cairo_.get();
  Polygon outline{onPage(c, ink.left, ink.top), onPage(c, ink.right, ink.top), onPage(c, ink.right, ink.bottom),
                  onPage(c, ink.left, ink.bottom)};
  ignored = ignored || isCutOff(outline, size_);
  const Point begin = outline[0], end = outline[column ? 3 : 1];
  labels_.push_back({std::move(outline), std::move(text), ignored, false, begin, end});
}

double Page::line(const TextStyle& style, std::string_view text, double x, double y, const Paint& paint) {
  const double blank = ShapedText(style, " ").advance();
  double pen = x;
  Extent whole;
  forEachWord(text, [&](const std::string& word, bool blank_behind) {
    const ShapedText shaped(style, word);
    paintText(shaped, pen, y, paint);
    const Extent& ink = shaped.ink();
    const Extent here{ink.left + pen, ink.top + y, ink.right + pen, ink.bottom + y};
    if (shaped.hasInk()) {
      whole = unionOf(whole, here);
      if (level_ == Level::kWord) addLabel(here, word, paint.ignored);
    }
    pen += shaped.advance() + (blank_behind ? blank : 0);
  });
  if (level_ == Level::kLine && whole.right > whole.left) addLabel(whole, std::string(text), paint.ignored);
  return pen - x;
}

double Page::width(const TextStyle& style, std::string_view text) {
  return ShapedText(style, text).advance();
}

void Page::lineEndingAt(const TextStyle& style, std::string_view text, double x, double y, const Paint& paint) {
  line(style, text, x - width(style, text), y, paint);
}

void Page::lineAround(const TextStyle& style, std::string_view text, double x, double y, const Paint& paint) {
  line(style, text, x - width(style, text) / 2, y, paint);
}

void Page::column(const TextStyle& style, std::string_view text, double x, double y, double pitch, const Paint& paint) {
  Extent whole;
  double pen = y;
  for (const std::string& sign : signsOf(text)) {
    const ShapedText shaped(style, sign);
    // Marks that stand at the lower left of their square in lines stand at the upper right in columns.
    const bool mark = std::find(std::begin(kMarks), std::end(kMarks), sign) != std::end(kMarks);
    const double raised = mark && shaped.ink().right < 0.5 * style.size ? 0.55 * style.size : 0;
    const double left = x - (shaped.advance() - style.spacing) / 2 + raised;
    const double baseline = pen + 0.88 * style.size - raised;
    paintText(shaped, left, baseline, paint);
    const Extent& ink = shaped.ink();
    if (shaped.hasInk())
      whole = unionOf(whole, {ink.left + left, ink.top + baseline, ink.right + left, ink.bottom + baseline});
    pen += pitch;
  }
  if (whole.right > whole.left) addLabel(whole, std::string(text), paint.ignored, true);
}

void Page::arc(const TextStyle& style, std::string_view text, Point centre, double radius, double middle, bool inside,
               const Paint& paint) {
  const ShapedText shaped(style, text);
  if (!shaped.hasInk()) return;
  const double turn = inside ? -1 : 1;
  const double start = middle - turn * (shaped.advance() - style.spacing) / radius / 2;
  const auto bend = [&](double x, double y) {
    const double angle = start + turn * x / radius, distance = radius - turn * y;
    return Point{centre.x + distance * std::sin(angle), centre.y - distance * std::cos(angle)};
  };
  cairo_t* c = cairo_.get();
  cairo_new_path(c);
  cairo_move_to(c, 0, 0);
  shaped.addPath(c);
  Polygon points = bendPath(c, bend);
  if (ink_) {
    const std::unique_ptr<cairo_path_t, decltype([](cairo_path_t* path) { cairo_path_destroy(path); })> path(
        cairo_copy_path(c));
    cairo_matrix_t matrix;
    cairo_get_matrix(c, &matrix);
    cairo_set_matrix(ink_.get(), &matrix);
    cairo_append_path(ink_.get(), path.get());
    markInk();
  }
  paintPath(paint);
  const Extent extent = extentOf(points);
  const Polygon around{{extent.left, extent.top},
                       {extent.right, extent.top},
                       {extent.right, extent.bottom},
                       {extent.left, extent.bottom}};
  // Words that share a curve have no boxes of their own; one around them all would teach that blanks are text.
  const bool several = level_ == Level::kWord && wordsOf(text).size() > 1;
  const bool ignored = paint.ignored || several || isCutOff(around, size_);
  const auto place = [&](double x) { return onPage(c, bend(x, 0).x, bend(x, 0).y); };
  labels_.push_back(
      {std::move(points), std::string(text), ignored, true, place(shaped.ink().left), place(shaped.ink().right)});
}

// For every pixel of a word that is set so small that a pixel is a dot.
Extent Page::addDots(const ShapedText& word, double size, Point start, double dot_pitch) {
  const int columns = int(std::ceil(word.advance())) + 4, rows = int(std::ceil(3 * size)) + 4;
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_A8, columns, rows));
  const Context context(cairo_create(surface.get()));
  cairo_move_to(context.get(), 2, 2 * size);
  word.show(context.get());
  cairo_surface_flush(surface.get());
  const unsigned char* pixels = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  Extent ink;
  const double radius = dot_pitch * 0.46;
  cairo_matrix_t matrix;
  cairo_get_matrix(cairo_.get(), &matrix);
  if (ink_) cairo_set_matrix(ink_.get(), &matrix);
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column) {
      if (pixels[row * stride + column] < 110) continue;
      const double x = start.x + (column - 1.5) * dot_pitch, y = start.y + (row + 0.5 - 2 * size) * dot_pitch;
      for (cairo_t* c : {cairo_.get(), ink_.get()})
        if (c != nullptr) {
          cairo_new_sub_path(c);
          cairo_arc(c, x, y, radius, 0, 2 * std::numbers::pi);
        }
      ink = unionOf(ink, {x - radius, y - radius, x + radius, y + radius});
    }
  return ink;
}

void Page::dots(const TextStyle& style, std::string_view text, double x, double y, double dot_pitch,
                const Paint& paint) {
  // The printer's own picture: letters of about nine dots height, one pixel a dot.
  const double scale = 1 / dot_pitch;
  const TextStyle small{style.font, style.size * scale, style.spacing * scale};
  const double blank = ShapedText(small, " ").advance();
  double pen = 0;  // in dots
  Extent whole;
  forEachWord(text, [&](const std::string& word, bool blank_behind) {
    const ShapedText shaped(small, word);
    const Extent ink = addDots(shaped, small.size, {x + pen * dot_pitch, y}, dot_pitch);
    paintPath(paint);
    if (ink_) markInk();
    if (ink.right > ink.left) {
      whole = unionOf(whole, ink);
      if (level_ == Level::kWord) addLabel(ink, word, paint.ignored);
    }
    pen += std::round(shaped.advance() + (blank_behind ? blank : 0));
  });
  if (level_ == Level::kLine && whole.right > whole.left) addLabel(whole, std::string(text), paint.ignored);
}

cairo_surface_t* Page::pixels() const {
  cairo_surface_flush(surface_.get());
  return surface_.get();
}

cairo_surface_t* Page::ink() const {
  if (ink_surface_) cairo_surface_flush(ink_surface_.get());
  return ink_surface_.get();
}

}  // namespace ocrdet::synth
