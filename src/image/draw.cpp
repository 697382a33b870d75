// Cairo draws on 32-bit pixels (blue, green, red, unused), so the picture is widened, drawn on and narrowed again.
#include "image/draw.h"

#include <cairo.h>
#include <fmt/format.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <new>
#include <opencv2/imgproc.hpp>

namespace ocrdet {
namespace {

using Surface = std::unique_ptr<cairo_surface_t, decltype([](cairo_surface_t* s) { cairo_surface_destroy(s); })>;
using Context = std::unique_ptr<cairo_t, decltype([](cairo_t* c) { cairo_destroy(c); })>;
using Layout = std::unique_ptr<PangoLayout, decltype([](PangoLayout* l) { g_object_unref(l); })>;
using Font =
    std::unique_ptr<PangoFontDescription, decltype([](PangoFontDescription* f) { pango_font_description_free(f); })>;

// Neighbouring boxes get different colours; all are bright, for the halo below them is dark.
constexpr std::array<Colour, 6> kColours = {{{1.00, 0.35, 0.37},
                                             {0.16, 0.80, 0.45},
                                             {0.27, 0.62, 1.00},
                                             {1.00, 0.76, 0.03},
                                             {0.80, 0.47, 1.00},
                                             {0.10, 0.83, 0.84}}};

// Strokes and letters grow with the picture, so that they look alike when it is shown at the size of a screen.
struct Sizes {
  double line, font;
};

Sizes sizesFor(const Image& image, double size) {
  const double scale = size * std::max(1.0, std::max(image.height, image.width) / 1000.0);
  return {1.5 * scale, 11 * scale};
}

void trace(cairo_t* context, const Polygon& shape) {
  cairo_new_path(context);
  for (const Point& point : shape) cairo_line_to(context, point.x, point.y);
  cairo_close_path(context);
}

void setDashes(cairo_t* context, LineStyle style, double line) {
  const double dashes[] = {5 * line, 3 * line}, dots[] = {line, 2 * line};
  if (style == LineStyle::kSolid) cairo_set_dash(context, nullptr, 0, 0);
  if (style == LineStyle::kDashed) cairo_set_dash(context, dashes, 2, 0);
  if (style == LineStyle::kDotted) cairo_set_dash(context, dots, 2, 0);
}

void drawOutline(cairo_t* context, const Outline& outline, double line) {
  const Colour& colour = outline.colour;
  trace(context, outline.points);
  if (outline.fill > 0) {
    cairo_set_source_rgba(context, colour.red, colour.green, colour.blue, outline.fill);
    cairo_fill_preserve(context);
  }
  setDashes(context, outline.style, line);
  cairo_set_source_rgba(context, 0, 0, 0, 0.55);
  cairo_set_line_width(context, 2.2 * line);
  cairo_stroke_preserve(context);
  cairo_set_source_rgb(context, colour.red, colour.green, colour.blue);
  cairo_set_line_width(context, line);
  cairo_stroke(context);
}

// The plate sits beside the shape's left end, or above it where the picture ends: never on the text if there is room.
void drawLabel(cairo_t* context, const Image& image, const Outline& outline, double largest_font) {
  const Point& upper = outline.points.front();
  const Point& lower = outline.points.back();
  const double side = std::hypot(upper.x - lower.x, upper.y - lower.y);
  const double font_size = std::clamp(0.8 * side, 0.7 * largest_font, largest_font);
  const Layout layout(pango_cairo_create_layout(context));
  const Font font(pango_font_description_from_string("Sans Bold"));
  pango_font_description_set_absolute_size(font.get(), font_size * PANGO_SCALE);
  pango_layout_set_font_description(layout.get(), font.get());
  pango_layout_set_text(layout.get(), outline.label.c_str(), -1);
  int text_width = 0, text_height = 0;
  pango_layout_get_pixel_size(layout.get(), &text_width, &text_height);

  const double padding = font_size * 0.2, width = text_width + 2 * padding, height = text_height;
  const double left = std::min(upper.x, lower.x) - width - 0.2 * font_size;
  const bool beside = left >= 0;
  const double x = beside ? left : upper.x;
  const double y = beside ? (upper.y + lower.y - height) / 2 : upper.y - height;
  const double plate_x = std::clamp(x, 0.0, std::max(0.0, image.width - width));
  const double plate_y = std::clamp(y, 0.0, std::max(0.0, image.height - height));
  cairo_rectangle(context, plate_x, plate_y, width, height);
  cairo_set_source_rgba(context, 0, 0, 0, 0.72);
  cairo_fill(context);
  cairo_set_source_rgb(context, outline.colour.red, outline.colour.green, outline.colour.blue);
  cairo_move_to(context, plate_x + padding, plate_y);
  pango_cairo_show_layout(context, layout.get());
}

cv::Mat pixelsOf(cairo_surface_t* surface, const Image& image) {
  return {image.height, image.width, CV_8UC4, cairo_image_surface_get_data(surface),
          std::size_t(cairo_image_surface_get_stride(surface))};
}

}  // namespace

Image drawOutlines(const Image& image, std::span<const Outline> outlines, double size) {
  constexpr int kLargestSurfaceSide = 32767;  // Cairo's limit; a picture beyond it is returned as it is
  if (image.height > kLargestSurfaceSide || image.width > kLargestSurfaceSide) return image;
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, image.width, image.height));
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) throw std::bad_alloc();
  cv::Mat wide = pixelsOf(surface.get(), image);
  cv::cvtColor(view(image), wide, cv::COLOR_BGR2BGRA);
  cairo_surface_mark_dirty(surface.get());

  const Context context(cairo_create(surface.get()));
  cairo_set_line_join(context.get(), CAIRO_LINE_JOIN_ROUND);
  const Sizes sizes = sizesFor(image, size);
  for (const Outline& outline : outlines)
    if (!outline.points.empty()) drawOutline(context.get(), outline, sizes.line);
  for (const Outline& outline : outlines)
    if (!outline.points.empty() && !outline.label.empty()) drawLabel(context.get(), image, outline, sizes.font);

  cairo_surface_flush(surface.get());
  Image drawn = makeImage(image.height, image.width);
  cv::Mat narrow = view(drawn);
  cv::cvtColor(wide, narrow, cv::COLOR_BGRA2BGR);
  return drawn;
}

Image drawShapes(const Image& image, std::span<const Polygon> shapes) {
  std::vector<Outline> outlines;
  for (std::size_t i = 0; i < shapes.size(); ++i)
    outlines.push_back(
        {.points = shapes[i], .colour = kColours[i % kColours.size()], .label = fmt::format("{}", i + 1)});
  return drawOutlines(image, outlines);
}

Image drawHeatmap(const Image& image, const HeatmapSource& source) {
  const cv::Mat map(source.height, source.width, CV_32F, const_cast<float*>(source.probabilities.data()));
  const cv::Rect picture(0, 0, std::clamp(int(std::lround(source.picture_width)), 1, source.width),
                         std::clamp(int(std::lround(source.picture_height)), 1, source.height));
  cv::Mat stretched, colours;
  cv::resize(map(picture), stretched, {image.width, image.height}, 0, 0, cv::INTER_LINEAR);
  cv::Mat bytes;
  stretched.convertTo(bytes, CV_8U, 255);
  cv::applyColorMap(bytes, colours, cv::COLORMAP_TURBO);
  Image drawn = image;
  for (int y = 0; y < image.height; ++y) {
    std::uint8_t* to = drawn.row(y);
    for (int x = 0; x < image.width; ++x, to += 3) {
      const float share = 0.25F + 0.5F * std::clamp(stretched.at<float>(y, x), 0.0F, 1.0F);
      const auto& colour = colours.at<cv::Vec3b>(y, x);
      for (int c = 0; c < 3; ++c) to[c] = std::uint8_t(std::lround(to[c] * (1 - share) + float(colour[c]) * share));
    }
  }
  return drawn;
}

}  // namespace ocrdet
