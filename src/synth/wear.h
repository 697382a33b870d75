// What cameras, scanners, copies and compression do to a picture. Nothing here moves pixels, so labels stay exact; what
// can no longer be seen afterwards is ignored.
#pragma once

#include <vector>

#include "base/random.h"
#include "dataset/truth.h"
#include "image/image.h"

namespace ocrdet::synth {

struct Wear {
  double shadow = 0;       // how much darker the shaded part is, 0 to 1
  double unevenness = 0;   // of the light, 0 to 1
  double contrast = 1;     // below 1: towards the mean
  double brightness = 0;   // added, in levels
  double cast = 0;         // of colours, 0 to 1
  double shrink = 1;       // below 1: made smaller and enlarged again
  double blur = 0;         // deviation in pixels
  double motion = 0;       // length in pixels
  double noise = 0;        // deviation in levels
  int jpeg_quality = 100;  // 100: not compressed
  bool copied = false;     // black and white with speckles, as fax and copying machines leave it
};

Wear wearOfCamera(Random& random);
Wear wearOfScanner(Random& random);
Wear wearOfScreen(Random& random);

void apply(const Wear& wear, Image& image, std::vector<TruthLine>& truth, Random& random);

}  // namespace ocrdet::synth
