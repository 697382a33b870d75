// A picture with its texts, as training sees it: mirrored, turned, cropped, scaled, its colours changed, on a square of
// the training size.
//
// Everything is drawn first and put into one affine map, so that pixels are interpolated once. Two kinds of crop:
//
//   text    EAST's: a rectangle whose sides run between texts, so that none is cut; whatever it holds then fills the
//           square as far as its shape allows, the rest is black. The scale follows from what was picked, from a detail
//           to the whole picture.
//   window  a part of the square's size, at a scale around the one that detection will use; its sides prefer to run
//           between texts, and texts that it cuts anyway are clipped (those of which mostly a strip is left: ignored).
#pragma once

#include "base/random.h"
#include "contract/file_contract.h"
#include "train/training_source.h"

namespace ocrdet {

struct AugmentationOptions {
  double mirror = 0.5;          // chance
  double rotation = 10;         // degrees, either way
  double quarter_turns = 0;     // chance of 90 degrees more, either way: lines become columns
  double smallest_scale = 0.5;  // of a window, times the scale of detection
  double largest_scale = 3;
  double text_crop = 0.5;                               // chance of a text crop; otherwise a window
  double smallest_crop = 0.1;                           // of a text crop's sides, as a share of the picture's
  int detection_short_side = int(ResizeRule{}.length);  // what a picture's shorter side becomes when detecting
  double colour = 0.5;                                  // chance that brightness, contrast and tint change
};

// What was drawn: the map from the picture to the square, and the texts in the square.
struct View {
  // x' = xx · x + xy · y + x0, y' = yx · x + yy · y + y0, pixel centres at whole numbers.
  double xx = 1, xy = 0, x0 = 0;
  double yx = 0, yy = 1, y0 = 0;
  int visible_width = 0, visible_height = 0;  // of the square, from its top left corner; black beyond
  std::vector<TextRegion> regions;
};

View drawView(int height, int width, const std::vector<TextRegion>& regions, int size,
              const AugmentationOptions& options, Random& random);

// The square's pixels; black where the picture is not, or not visible.
Image applyView(const Image& image, const View& view, int size);

// Brightness, contrast, tint, now and then grey or inverted.
void changeColours(Image& image, Random& random);

struct TrainingPicture {
  Image image;
  std::vector<TextRegion> regions;
};

TrainingPicture augment(const LabelledImage& labelled, int size, const AugmentationOptions& options, Random& random);

}  // namespace ocrdet
