#include "detect/network.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/stopwatch.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

// The probability maps of an output: [N, 1, H, W], [N, H, W] (ModelScope's exporter drops the channel), or [N, C, H, W]
// whose first channel it is (exports of the training network).
std::vector<OwnedMap> mapsOf(const Tensor& output, std::size_t count) {
  const TensorShape& shape = output.shape;
  if (shape.size() < 3 || shape.size() > 4 || shape[shape.size() - 1] <= 0 || shape[shape.size() - 2] <= 0 ||
      shape[0] != std::int64_t(count) || shape[1] <= 0)
    throw Error(
        {&codes::kModelNotADetector,
         fmt::format("The file's output is {}; a detector gives a map [N, 1, H, W] for N = {}.", toText(shape), count),
         "Give an ONNX file of a DBNet text detector.",
         {},
         {}});
  const int height = int(shape[shape.size() - 2]), width = int(shape[shape.size() - 1]);
  const std::vector<float> values = toFloat32(output);
  const std::size_t pixels = std::size_t(height) * width, stride = values.size() / count;
  std::vector<OwnedMap> maps;
  for (std::size_t i = 0; i < count; ++i) {
    const auto* first = values.data() + i * stride;
    maps.push_back({std::vector<float>(first, first + pixels), height, width});
  }
  return maps;
}

}  // namespace

NetworkRun runNetwork(const Session& session, const NetworkContract& contract, std::span<const Image* const> images) {
  const Stopwatch watch;
  const auto finish = [&](const auto& input) {
    const double preparation_ms = watch.milliseconds();
    return NetworkRun{mapsOf(session.run({{contract.input_name, input}}).front().tensor, images.size()),
                      preparation_ms};
  };
  const std::int64_t height = images.front()->height, width = images.front()->width;
  const auto count = std::int64_t(images.size());
  const std::size_t each = images.front()->bgr.size();
  if (contract.takes_bytes) {
    std::vector<std::uint8_t> bytes(each * images.size());
    for (std::size_t i = 0; i < images.size(); ++i)
      std::copy(images[i]->bgr.begin(), images[i]->bgr.end(), bytes.begin() + std::ptrdiff_t(i * each));
    const std::span<const std::uint8_t> all = bytes;
    return finish(viewOf({count, height, width, 3}, all));
  }
  std::vector<float> planes(each * images.size());
  for (std::size_t i = 0; i < images.size(); ++i)
    normalise(*images[i], contract.normalisation, std::span(planes).subspan(i * each, each));
  const std::span<const float> all = planes;
  return finish(viewOf({count, 3, height, width}, all));
}

}  // namespace ocrdet
