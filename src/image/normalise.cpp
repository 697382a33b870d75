// A pixel has 256 values, so the arithmetic is done once per value: a table gives bit for bit what the division would.
#include "image/normalise.h"

#include <cassert>

namespace ocrdet {

void normalise(const Image& image, const Normalisation& normalisation, std::span<float> planes) {
  const std::size_t pixels = std::size_t(image.height) * image.width;
  assert(planes.size() == 3 * pixels);

  std::array<std::array<float, 256>, 3> tables;  // by channel of the image: blue, green, red
  std::array<float*, 3> out;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const std::size_t plane = normalisation.red_first ? 2 - channel : channel;
    for (std::size_t v = 0; v < 256; ++v)
      tables[channel][v] = (float(v) - normalisation.mean[plane]) / normalisation.divisor[plane];
    out[channel] = planes.data() + plane * pixels;
  }
  const std::uint8_t* in = image.bgr.data();
  for (std::size_t i = 0; i < pixels; ++i, in += 3) {
    out[0][i] = tables[0][in[0]];
    out[1][i] = tables[1][in[1]];
    out[2][i] = tables[2][in[2]];
  }
}

}  // namespace ocrdet
