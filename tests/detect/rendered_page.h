// Pages of text drawn by Pango, the same for the same seed: dark words of several sizes on light ground.
#pragma once

#include <cairo.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>

#include "image/image.h"

namespace ocrdet::test {

// Lines of one to four words, 20 to 44 pixels high, with room between them. `margin` is ground on all sides, which does
// not change what is drawn inside.
inline Image renderedPage(unsigned seed, int height, int width, int margin = 0) {
  constexpr const char* kWords[] = {
      "harbour", "Street", "2048",   "invoice", "North",   "quick",  "total:", "market",  "OPEN", "museum",  "paper",
      "silver",  "River",  "number", "evening", "Station", "coffee", "garden", "library", "7 pm", "entrance"};
  std::mt19937 random(seed);
  const auto drawn = [&](int from, int to) { return from + int(random() % unsigned(to - from + 1)); };
  const int full_height = height + 2 * margin, full_width = width + 2 * margin;
  using Surface = std::unique_ptr<cairo_surface_t, decltype([](cairo_surface_t* s) { cairo_surface_destroy(s); })>;
  using Context = std::unique_ptr<cairo_t, decltype([](cairo_t* c) { cairo_destroy(c); })>;
  using Layout = std::unique_ptr<PangoLayout, decltype([](PangoLayout* l) { g_object_unref(l); })>;
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, full_width, full_height));
  const Context context(cairo_create(surface.get()));
  cairo_set_source_rgb(context.get(), 0.93, 0.92, 0.88);
  cairo_paint(context.get());
  cairo_set_source_rgb(context.get(), 0.12, 0.12, 0.16);
  cairo_translate(context.get(), margin, margin);
  for (int y = 24; y < height - 70;) {
    const int size = drawn(20, 44);
    std::string text;
    for (int words = drawn(1, 4); words > 0; --words)
      text += std::string(text.empty() ? "" : " ") + kWords[random() % std::size(kWords)];
    const Layout layout(pango_cairo_create_layout(context.get()));
    PangoFontDescription* font = pango_font_description_from_string("DejaVu Sans");
    pango_font_description_set_absolute_size(font, size * double(PANGO_SCALE));
    pango_layout_set_font_description(layout.get(), font);
    pango_font_description_free(font);
    pango_layout_set_text(layout.get(), text.c_str(), -1);
    int text_width = 0, text_height = 0;
    pango_layout_get_pixel_size(layout.get(), &text_width, &text_height);
    const int x = drawn(24, std::max(25, width - text_width - 24));
    cairo_move_to(context.get(), x, y);
    pango_cairo_show_layout(context.get(), layout.get());
    y += text_height + size;
  }
  cairo_surface_flush(surface.get());
  Image image = makeImage(full_height, full_width);
  const unsigned char* pixels = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < full_height; ++y)
    for (int x = 0; x < full_width; ++x) std::copy_n(pixels + y * stride + 4 * x, 3, image.row(y) + 3 * x);
  return image;
}

}  // namespace ocrdet::test
