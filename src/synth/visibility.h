// Which texts of a picture nobody could see: letters whose light and colour hardly differ from what is around them, as
// low contrast, shade, blur and copying leave them.
#pragma once

#include <vector>

#include "dataset/truth.h"
#include "image/image.h"

namespace ocrdet::synth {

// Marks them as ignored. A text is looked at in squares as long as it is high, and only where no other text's shape
// lies over it; it is ignored when nothing shows in half of them.
void ignoreInvisible(const Image& image, std::vector<TruthLine>& truth);

}  // namespace ocrdet::synth
