// Pixels to the bytes of a file, for results.
#pragma once

#include <string>

#include "image/image.h"

namespace ocrdet {

std::string encodePng(const Image& image);
std::string encodeJpeg(const Image& image, int quality = 90);

}  // namespace ocrdet
