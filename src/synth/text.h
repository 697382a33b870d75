// One run of text, shaped by Pango without hinting, so that its ink is where its outlines are at every scale.
#pragma once

#include <cairo.h>
#include <pango/pangocairo.h>

#include <memory>
#include <string>
#include <string_view>

#include "dataset/shape.h"
#include "synth/fonts.h"

namespace ocrdet::synth {

struct TextStyle {
  const Font* font = nullptr;
  double size = 20;    // pixels of the em square
  double spacing = 0;  // extra pixels between letters
};

class ShapedText {
 public:
  ShapedText(const TextStyle& style, std::string_view utf8);

  double advance() const { return advance_; }
  // Around the pen's start on the baseline; y downwards, so above the baseline is negative. Without ink all are 0.
  const Extent& ink() const { return ink_; }
  bool hasInk() const { return ink_.right > ink_.left && ink_.bottom > ink_.top; }

  // At the current point of `cairo`, in its current colour; or only as a path.
  void show(cairo_t* cairo) const;
  void addPath(cairo_t* cairo) const;

 private:
  struct Release {
    void operator()(PangoLayout* layout) const { g_object_unref(layout); }
  };
  std::unique_ptr<PangoLayout, Release> layout_;
  double advance_ = 0;
  Extent ink_;
};

// Ascent and descent that lines of this style are set with, in pixels.
struct LineMetrics {
  double ascent = 0, descent = 0;
};
LineMetrics lineMetrics(const TextStyle& style);

// Without the signs that the font lacks, which another font would draw in another size.
std::string drawable(const Font& font, std::string_view utf8);

}  // namespace ocrdet::synth
