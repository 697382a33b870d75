// A flat sheet that text is set on, before it is photographed: pixels with transparency, and where the ink of each text
// lies.
//
// Labels are taken from the ink's own extents while it is drawn; text that the sheet's edge cuts off is ignored. With
// `keep_ink` a second sheet notes for every pixel which label's ink covers it, so that tests can compare.
#pragma once

#include <cairo.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "dataset/shape.h"
#include "image/resize.h"
#include "synth/text.h"

namespace ocrdet::synth {

enum class Level { kWord, kLine };

struct Colour {
  double red = 0, green = 0, blue = 0, alpha = 1;
};
double luminance(const Colour& colour);  // 0 to 1

struct PageLabel {
  Polygon outline;  // of the page's pixels; four corners, of a rectangle in reading direction, unless curved
  std::string text;
  bool ignored = false;
  bool curved = false;  // many points: the label becomes the smallest rectangle around them
  Point begin, end;     // the way of reading: of a column downwards
};

// What letters are filled with; the effects of signs.
struct Paint {
  Colour fill;
  Colour outline{0, 0, 0, 0};
  double outline_width = 0;
  double shadow_shift = 0;  // pixels to the lower right
  bool ignored = false;     // labels become ###
};

class Page {
 public:
  Page(PixelSize size, Level level, bool keep_ink);

  PixelSize size() const { return size_; }
  cairo_t* cairo() const { return cairo_.get(); }  // to draw everything that is not text; its matrix moves text, too
  void fill(const Colour& colour);
  void rectangle(double x, double y, double width, double height, const Colour& colour, double corner_radius = 0);
  void frame(double x, double y, double width, double height, const Colour& colour, double thickness);
  void rule(double x0, double y0, double x1, double y1, const Colour& colour, double thickness);

  // One line from `x` on the baseline `y`. Returns its advance. Labels are added by the page's level.
  double line(const TextStyle& style, std::string_view text, double x, double y, const Paint& paint);
  // The same with the right end, or the middle, at `x`.
  void lineEndingAt(const TextStyle& style, std::string_view text, double x, double y, const Paint& paint);
  void lineAround(const TextStyle& style, std::string_view text, double x, double y, const Paint& paint);
  // A column of upright signs, top to bottom, around the axis `x`. One label whatever the level.
  void column(const TextStyle& style, std::string_view text, double x, double y, double pitch, const Paint& paint);
  // Along a circle: letters stand on it around `middle` (radians, 0 is the top, clockwise), feet towards the centre, or
  // away from it with `inside`. One label; at word level it is ignored when it holds several words.
  void arc(const TextStyle& style, std::string_view text, Point centre, double radius, double middle, bool inside,
           const Paint& paint);
  // Dots of a matrix printer. Labels are added by the page's level.
  void dots(const TextStyle& style, std::string_view text, double x, double y, double dot_pitch, const Paint& paint);

  static double width(const TextStyle& style, std::string_view text);

  const std::vector<PageLabel>& labels() const { return labels_; }
  cairo_surface_t* pixels() const;  // ARGB, premultiplied, flushed
  cairo_surface_t* ink() const;     // number of the label + 1 in the lower 24 bits; null without keep_ink

 private:
  struct Release {
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
    void operator()(cairo_t* context) const { cairo_destroy(context); }
  };
  using Surface = std::unique_ptr<cairo_surface_t, Release>;
  using Context = std::unique_ptr<cairo_t, Release>;

  void paintText(const ShapedText& text, double x, double y, const Paint& paint);
  void paintPath(const Paint& paint);  // the current path of cairo_
  void markInk();                      // the same path on the sheet of ink, as the next label
  Extent addDots(const ShapedText& word, double size, Point start, double dot_pitch);  // to both paths; returns ink
  void addLabel(const Extent& ink, std::string text, bool ignored, bool column = false);

  PixelSize size_;
  Level level_;
  Surface surface_, ink_surface_;
  Context cairo_, ink_;
  std::vector<PageLabel> labels_;
};

}  // namespace ocrdet::synth
