// Any probabilities as a map: six bytes of sizes and options, then float32 values, NaN and infinities among them.
#include <algorithm>
#include <cstring>
#include <vector>

#include "fuzzing.h"
#include "postprocess/postprocess.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kSettings = 6;
  if (size < kSettings) return -1;
  const int height = data[0] % 64 + 1, width = data[1] % 64 + 1;
  ocrdet::PostprocessOptions options;
  options.method = (data[2] & 1) != 0 ? ocrdet::PostprocessMethod::kOriginal : ocrdet::PostprocessMethod::kRefined;
  options.polygons = (data[2] & 2) != 0;
  options.score = (data[2] & 4) != 0 ? ocrdet::ScoreRegion::kContour : ocrdet::ScoreRegion::kShape;
  options.dilate = (data[2] & 8) != 0;
  options.cut_corners = (data[2] & 16) != 0;
  options.reading_order = (data[2] & 32) != 0;
  options.growth = (data[2] & 64) != 0 ? ocrdet::GrowthRule::kInvertShrink : ocrdet::GrowthRule::kUnclip;
  options.unclip_ratio = options.growth == ocrdet::GrowthRule::kInvertShrink ? data[3] / 256.0 : data[3] / 32.0;
  options.box_threshold = data[4] / 255.0;
  std::vector<float> values(static_cast<std::size_t>(height) * static_cast<std::size_t>(width), 0.0F);
  std::memcpy(values.data(), data + kSettings, std::min(size - kSettings, values.size() * sizeof(float)));
  const ocrdet::Frame frame{height * (data[5] % 8 + 1), width * (data[5] / 8 + 1), static_cast<double>(height),
                            static_cast<double>(width)};
  ocrdet::refusalIsFine([&] { ocrdet::findText({values, height, width}, frame, options); });
  return 0;
}
