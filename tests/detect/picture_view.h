// Our pictures as callers of the library hand theirs over.
#pragma once

#include "image/image.h"
#include "ocrdet/detector.h"

namespace ocrdet::test {

inline ImageView viewOf(const Image& image) {
  return {image.bgr.data(), image.height, image.width, 0, PixelOrder::kBgr};
}

}  // namespace ocrdet::test
