#include "detect/memory_need.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/byte_count.h"
#include "contract/file_contract.h"
#include "detect/thread_plan.h"
#include "export/memory_forecast.h"

namespace ocrdet {
namespace {

constexpr double kUsableShare = 0.8;

// The largest input that a picture can get.
PixelSize largestTile(const ResizeOptions& resize) {
  switch (resize.mode) {
    case ResizeMode::kShortSide:
      return {std::min(resize.length, resize.max_side), resize.max_side};
    case ResizeMode::kLongSide:
      return {std::min(resize.length, resize.max_side), std::min(resize.length, resize.max_side)};
    case ResizeMode::kExact:
    case ResizeMode::kLetterbox:
    case ResizeMode::kFromFile:
      break;
  }
  return {resize.height, resize.width};
}

GraphOptions graphOf(const FileContract& file) {
  GraphOptions graph;
  if (file.height > 0) graph.height = int(file.height);
  if (file.width > 0) graph.width = int(file.width);
  graph.any_size = file.size_mode == SizeMode::kAny;
  graph.embed_preprocess = file.preprocess_embedded;
  graph.precision = file.precision == "fp16" ? GraphOptions::kFloat16 : GraphOptions::kFloat32;
  return graph;
}

}  // namespace

std::optional<MemoryNeed> tooMuchMemory(const Session& session, const NetworkContract& contract,
                                        const DetectorOptions& options, std::optional<std::int64_t> available) {
  const auto file = readFileContract(session.metadata());
  if (!file || !available) return std::nullopt;
  const auto usable = std::int64_t(double(*available) * kUsableShare);
  const int pictures = std::max(planThreads(options).pictures, largestBatch(options));
  PixelSize tile = largestTile(contract.resize);
  tile.height = (tile.height + contract.multiple - 1) / contract.multiple * contract.multiple;

  // The network's maps never take more than this, so that the usual answer costs no forecast.
  constexpr std::int64_t kMostBytesPerPixel = 1024;
  if (kMostBytesPerPixel * tile.height * tile.width * pictures <= usable) return std::nullopt;
  const MemoryPrediction prediction = forecastMemory(graphOf(*file), tile.height, tile.width, 1);
  const std::int64_t needed = (prediction.peak_bytes - prediction.loaded_bytes) * pictures;
  if (needed <= usable) return std::nullopt;
  return MemoryNeed{needed, *available, tile, pictures};
}

std::string describe(const MemoryNeed& need) {
  return fmt::format("{} picture{} of up to {}x{} at a time can take {}, {} are free: working with less memory, slower",
                     need.pictures, need.pictures == 1 ? "" : "s", need.tile.height, need.tile.width,
                     byteCount(need.needed), byteCount(need.available));
}

}  // namespace ocrdet
