#include "synth/text.h"

#include <mutex>

#include "synth/corpus.h"

namespace ocrdet::synth {
namespace {

// Pango's objects belong to one thread; each gets its own font map once.
PangoContext* threadContext() {
  thread_local const std::unique_ptr<PangoContext, decltype([](PangoContext* context) { g_object_unref(context); })>
      context([] {
        const std::unique_ptr<PangoFontMap, decltype([](PangoFontMap* map) { g_object_unref(map); })> map(
            pango_cairo_font_map_new());
        PangoContext* made = pango_font_map_create_context(map.get());
        cairo_font_options_t* options = cairo_font_options_create();
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
        pango_cairo_context_set_font_options(made, options);
        cairo_font_options_destroy(options);
        pango_cairo_context_set_resolution(made, 72);
        pango_context_set_round_glyph_positions(made, FALSE);
        return made;
      }());
  return context.get();
}

// What loads glyphs takes turns. Threads share cairo's faces of font files; with more than ten open it closes one that
// no thread uses, but asks that without the face's lock (cairo 1.16, cairo-ft-font.c, _has_unlocked_face), so that a
// thread can lose the face it has just begun to use.
std::mutex glyph_loading;

PangoFontDescription* describe(const TextStyle& style) {
  PangoFontDescription* description = pango_font_description_from_string(style.font->description.c_str());
  pango_font_description_set_absolute_size(description, style.size * PANGO_SCALE);
  return description;
}

}  // namespace

ShapedText::ShapedText(const TextStyle& style, std::string_view utf8) : layout_(pango_layout_new(threadContext())) {
  const std::lock_guard turn(glyph_loading);
  PangoFontDescription* description = describe(style);
  pango_layout_set_font_description(layout_.get(), description);
  pango_font_description_free(description);
  pango_layout_set_single_paragraph_mode(layout_.get(), TRUE);
  if (style.spacing != 0) {
    PangoAttrList* attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes, pango_attr_letter_spacing_new(int(style.spacing * PANGO_SCALE)));
    pango_layout_set_attributes(layout_.get(), attributes);
    pango_attr_list_unref(attributes);
  }
  pango_layout_set_text(layout_.get(), utf8.data(), int(utf8.size()));
  PangoRectangle ink, logical;
  pango_layout_line_get_extents(pango_layout_get_line_readonly(layout_.get(), 0), &ink, &logical);
  constexpr double kUnit = 1.0 / PANGO_SCALE;
  // Pango leaves out the space behind the last letter, where a line is put together of several pieces.
  advance_ = logical.width * kUnit + (utf8.empty() ? 0 : style.spacing);
  ink_ = {ink.x * kUnit, ink.y * kUnit, (ink.x + ink.width) * kUnit, (ink.y + ink.height) * kUnit};
}

void ShapedText::show(cairo_t* cairo) const {
  const std::lock_guard turn(glyph_loading);
  pango_cairo_show_layout_line(cairo, pango_layout_get_line_readonly(layout_.get(), 0));
}

void ShapedText::addPath(cairo_t* cairo) const {
  const std::lock_guard turn(glyph_loading);
  pango_cairo_layout_line_path(cairo, pango_layout_get_line_readonly(layout_.get(), 0));
}

LineMetrics lineMetrics(const TextStyle& style) {
  const std::lock_guard turn(glyph_loading);
  PangoFontDescription* description = describe(style);
  PangoFontMetrics* metrics = pango_context_get_metrics(threadContext(), description, nullptr);
  const LineMetrics found{pango_font_metrics_get_ascent(metrics) / double(PANGO_SCALE),
                          pango_font_metrics_get_descent(metrics) / double(PANGO_SCALE)};
  pango_font_metrics_unref(metrics);
  pango_font_description_free(description);
  return found;
}

std::string drawable(const Font& font, std::string_view utf8) {
  if (covers(font, utf8)) return std::string(utf8);
  std::string kept;
  for (const std::string& sign : signsOf(utf8))
    if (covers(font, sign)) kept += sign;
  return kept;
}

}  // namespace ocrdet::synth
