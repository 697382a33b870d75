// One picture through the network: decode, resize, normalise, run, find boxes, each stage timed.
#include "ocrdet/detector.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "base/cancellation.h"
#include "detect/empty_reason.h"
#include "detect/network_contract.h"
#include "detect/resize_plan.h"
#include "image/decode.h"
#include "ocrdet/error.h"
#include "runtime/session.h"

namespace ocrdet {
namespace {

class Stopwatch {
 public:
  // Milliseconds since the last call, or since construction.
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const double ms = std::chrono::duration<double, std::milli>(now - last_).count();
    last_ = now;
    return ms;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

struct OwnedMap {
  std::vector<float> values;
  int height = 0;
  int width = 0;
};

// The probability map of an output: [N, 1, H, W], [N, H, W] (ModelScope's exporter drops the channel), or [N, C, H, W]
// whose first channel it is (exports of the training network).
OwnedMap mapOf(const Tensor& output) {
  const TensorShape& shape = output.shape;
  if (shape.size() < 3 || shape.size() > 4 || shape[shape.size() - 1] <= 0 || shape[shape.size() - 2] <= 0)
    throw Error({&codes::kModelNotADetector,
                 fmt::format("The file's output is {}; a detector gives a map [N, 1, H, W].", toText(shape)),
                 "Give an ONNX file of a DBNet text detector.",
                 {},
                 {}});
  OwnedMap map{toFloat32(output), int(shape[shape.size() - 2]), int(shape[shape.size() - 1])};
  map.values.resize(std::size_t(map.height) * map.width);
  return map;
}

// The part of the input that a tile shows, black where the input has no picture.
Image cut(const Image& resized, const ResizePlan& plan, const Tile& tile) {
  if (plan.tile == PixelSize{resized.height, resized.width}) return resized;
  Image part = makeImage(plan.tile.height, plan.tile.width);
  const int height = std::min(plan.tile.height, resized.height - tile.top);
  const int width = std::min(plan.tile.width, resized.width - tile.left);
  for (int y = 0; y < height; ++y)
    std::copy_n(resized.row(tile.top + y) + 3 * std::size_t(tile.left), 3 * std::size_t(width), part.row(y));
  return part;
}

// Puts a tile's map into the whole one. In an overlap the border runs through its middle: half of it belongs to each
// tile, since a map is worst at its tile's edge, where the network does not see what follows.
void paste(const OwnedMap& tile_map, const ResizePlan& plan, const Tile& tile, OwnedMap& whole) {
  const auto ownStart = [](int start, int tile_length, const auto& all, auto side) {
    int previous_end = 0;
    for (const Tile& other : all)
      if (other.*side < start) previous_end = std::max(previous_end, other.*side + tile_length);
    return previous_end > start ? start + (previous_end - start) / 2 : start;
  };
  const int top = ownStart(tile.top, plan.tile.height, plan.tiles, &Tile::top);
  const int left = ownStart(tile.left, plan.tile.width, plan.tiles, &Tile::left);
  for (int y = top; y < tile.top + tile_map.height; ++y)
    std::copy_n(tile_map.values.data() + std::size_t(y - tile.top) * tile_map.width + (left - tile.left),
                tile_map.width - (left - tile.left), whole.values.data() + std::size_t(y) * whole.width + left);
}

// Anybody's pixels as ours.
Image toImage(const ImageView& view) {
  const int type = view.order == PixelOrder::kGrey                                    ? CV_8UC1
                   : view.order == PixelOrder::kBgr || view.order == PixelOrder::kRgb ? CV_8UC3
                                                                                      : CV_8UC4;
  const cv::Mat from(view.height, view.width, type, const_cast<std::uint8_t*>(view.pixels),
                     view.stride ? std::size_t(view.stride) : std::size_t(cv::Mat::AUTO_STEP));
  Image image = makeImage(view.height, view.width);
  cv::Mat to = ocrdet::view(image);
  switch (view.order) {
    case PixelOrder::kBgr:
      from.copyTo(to);
      break;
    case PixelOrder::kRgb:
      cv::cvtColor(from, to, cv::COLOR_RGB2BGR);
      break;
    case PixelOrder::kGrey:
      cv::cvtColor(from, to, cv::COLOR_GRAY2BGR);
      break;
    case PixelOrder::kBgra:
      cv::cvtColor(from, to, cv::COLOR_BGRA2BGR);
      break;
    case PixelOrder::kRgba:
      cv::cvtColor(from, to, cv::COLOR_RGBA2BGR);
      break;
  }
  return image;
}

std::vector<TextBox> boxesOf(PostprocessResult&& result) {
  std::vector<TextBox> boxes;
  boxes.reserve(result.found.size());
  for (FoundText& text : result.found) boxes.push_back({std::move(text.points), text.score});
  return boxes;
}

SessionOptions sessionOptions(const DetectorOptions& options) {
  SessionOptions session;
  session.onnxruntime = options.onnxruntime;
  const int threads = options.threads > 0 ? options.threads : std::max(1, int(std::thread::hardware_concurrency()));
  session.threads = std::max(1, threads / std::max(1, options.images_at_a_time));
  session.arena = !options.low_memory;
  session.provider = options.provider == ExecutionProvider::kCuda       ? Provider::kCuda
                     : options.provider == ExecutionProvider::kTensorRt ? Provider::kTensorRt
                                                                        : Provider::kCpu;
  return session;
}

}  // namespace

struct Detector::State {
  DetectorOptions options;
  Session session;
  NetworkContract contract;

  State(Session opened, const DetectorOptions& wanted)
      : options(wanted), session(std::move(opened)), contract(networkContract(session, wanted)) {
    cv::setNumThreads(1);  // the threads that were asked for belong to the network
  }

  OwnedMap run(const Image& input) const {
    const std::int64_t height = input.height, width = input.width;
    if (contract.takes_bytes)
      return mapOf(
          session.run({{contract.input_name, viewOf({1, height, width, 3}, std::span(input.bgr))}}).front().tensor);
    std::vector<float> planes(input.bgr.size());
    normalise(input, contract.normalisation, planes);
    return mapOf(session.run({{contract.input_name, viewOf({1, 3, height, width}, std::span<const float>(planes))}})
                     .front()
                     .tensor);
  }

  // The map of the whole input, from as many tiles as the plan has.
  OwnedMap runAll(const Image& resized, const ResizePlan& plan) const {
    if (plan.tiles.size() == 1) return run(cut(resized, plan, plan.tiles.front()));
    OwnedMap whole{std::vector<float>(std::size_t(plan.input.height) * plan.input.width), plan.input.height,
                   plan.input.width};
    for (const Tile& tile : plan.tiles) {
      throwIfInterrupted();
      const OwnedMap map = run(cut(resized, plan, tile));
      if (map.height != plan.tile.height || map.width != plan.tile.width)
        throw Error({&codes::kModelNotADetector,
                     fmt::format("The file's map is {}×{} for an input of {}×{}; pictures longer than {} need maps of "
                                 "their own size.",
                                 map.height, map.width, plan.tile.height, plan.tile.width, contract.resize.max_side),
                     "Use a smaller size, for instance with --resize long:1280.",
                     {},
                     {}});
      paste(map, plan, tile, whole);
    }
    return whole;
  }

  Detection detect(const Image& image, double decode_ms) const {
    Detection detection;
    detection.image_height = image.height;
    detection.image_width = image.width;
    detection.timings.decode_ms = decode_ms;
    Stopwatch watch;
    const ResizePlan plan = planResize({image.height, image.width}, contract.resize, contract.multiple);
    const Image resized = resize(image, plan.resized);
    detection.timings.preprocess_ms = watch.lap();
    OwnedMap map = runAll(resized, plan);
    detection.timings.inference_ms = watch.lap();

    const Frame frame{image.height, image.width, double(plan.resized.height) * map.height / plan.input.height,
                      double(plan.resized.width) * map.width / plan.input.width};
    const ProbabilityMap view{map.values, map.height, map.width};
    PostprocessResult result = findText(view, frame, contract.postprocess);
    const auto counts = result.counts;
    detection.boxes = boxesOf(std::move(result));
    if (detection.boxes.empty()) detection.why_empty = emptyReason(view, frame, contract.postprocess, counts);
    detection.timings.postprocess_ms = watch.lap();

    detection.network_height = plan.input.height;
    detection.network_width = plan.input.width;
    detection.tiles = int(plan.tiles.size());
    detection.pixel_threshold = double(contract.postprocess.pixel_threshold);
    detection.box_threshold = contract.postprocess.box_threshold;
    detection.unclip_ratio = contract.postprocess.unclip_ratio;
    if (options.keep_map) {
      detection.map = std::move(map.values);
      detection.map_height = map.height;
      detection.map_width = map.width;
      detection.picture_on_map_height = frame.resized_height;
      detection.picture_on_map_width = frame.resized_width;
    }
    return detection;
  }
};

Detector Detector::open(const std::filesystem::path& model, const DetectorOptions& options) {
  return Detector(std::make_shared<const State>(Session::open(model, sessionOptions(options)), options));
}

Detector Detector::fromBytes(std::span<const std::byte> model, const DetectorOptions& options) {
  return Detector(std::make_shared<const State>(Session::fromBytes(model, sessionOptions(options)), options));
}

Detection Detector::detectFile(const std::filesystem::path& path) const {
  Stopwatch watch;
  const Image image = readImage(path, {state_->options.max_pixels, state_->options.page});
  return state_->detect(image, watch.lap());
}

Detection Detector::detectBytes(std::span<const std::byte> bytes) const {
  Stopwatch watch;
  const Image image = decodeImage(bytes, {state_->options.max_pixels, state_->options.page});
  return state_->detect(image, watch.lap());
}

Detection Detector::detect(const ImageView& view) const {
  if (!view.pixels || view.height <= 0 || view.width <= 0)
    throw Error({&codes::kInputZeroSize,
                 fmt::format("The image has {}×{} pixels.", view.height, view.width),
                 "Give an image with at least one pixel.",
                 {},
                 {}});
  return state_->detect(toImage(view), 0);
}

const std::string& Detector::description() const {
  return state_->contract.description;
}

std::vector<TextBox> boxesFromMap(const Detection& detection, const BoxOptions& options) {
  const ProbabilityMap map{detection.map, detection.map_height, detection.map_width};
  const Frame frame{detection.image_height, detection.image_width, detection.picture_on_map_height,
                    detection.picture_on_map_width};
  return boxesOf(findText(map, frame, postprocessOptions(options)));
}

}  // namespace ocrdet
