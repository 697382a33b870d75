// The size that a picture gets before the network, and the resize itself.
#pragma once

#include "image/image.h"

namespace ocrdet {

struct PixelSize {
  int height = 0;
  int width = 0;
  bool operator==(const PixelSize&) const = default;
};

// ModelScope's rule: the shorter side becomes `short_side` exactly; the longer keeps the ratio and is rounded up to a
// multiple of 32, in floating point and in its order of operations, since that decides the last multiple at ties. Of
// equal sides the width is the one that is fixed. The result has no upper bound: a strip of 1×1000 asks for 736×736000.
PixelSize shortSideSize(PixelSize original, int short_side);

// The longer side becomes at most `long_side` (never enlarged); then both are cut to whole pixels and go to the nearest
// multiple of `multiple`, at ties to the even one, at least to one. PaddleOCR's rule.
PixelSize longSideSize(PixelSize original, int long_side, int multiple);

// Bilinear on 8 bits, the pixel centres aligned: output pixel i looks at (i + 0.5) · scale − 0.5. The image itself when
// it has the size already.
Image resize(const Image& image, PixelSize size);

// For people to look at: the longer side becomes at most `longest_side`, each pixel the mean of those it stands for.
// The image itself when it is small enough.
Image shrunk(const Image& image, int longest_side);

}  // namespace ocrdet
