// One picture through the network: decode, resize, normalise, run, find boxes, each stage timed.
#include "ocrdet/detector.h"

#include <fmt/format.h>

#include <functional>
#include <new>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>
#include <semaphore>

#include "base/available_memory.h"
#include "base/cancellation.h"
#include "base/log.h"
#include "base/mapped_file.h"
#include "base/ordered_parallel.h"
#include "base/stopwatch.h"
#include "detect/batcher.h"
#include "detect/empty_reason.h"
#include "detect/memory_need.h"
#include "detect/network.h"
#include "detect/network_contract.h"
#include "detect/resize_plan.h"
#include "detect/thread_plan.h"
#include "detect/tiles.h"
#include "export/in_memory.h"
#include "image/decode.h"
#include "runtime/session.h"
#include "tensor/checkpoint.h"

namespace ocrdet {
namespace {

// Anybody's pixels as ours.
Image toImage(const ImageView& view) {
  if (!view.pixels || view.height <= 0 || view.width <= 0)
    throw Error({&codes::kInputZeroSize,
                 fmt::format("The image has {}×{} pixels.", view.height, view.width),
                 "Give an image with at least one pixel.",
                 {},
                 {}});
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

bool holdsCheckpoint(const std::filesystem::path& path) {
  return looksLikeCheckpoint(MappedFile::open(path)->bytes());
}

SessionOptions sessionOptions(const DetectorOptions& options) {
  SessionOptions session;
  session.onnxruntime = options.onnxruntime;
  session.threads = planThreads(options).session;
  session.arena = !options.low_memory;
  session.provider = options.provider == ExecutionProvider::kCuda       ? Provider::kCuda
                     : options.provider == ExecutionProvider::kTensorRt ? Provider::kTensorRt
                                                                        : Provider::kCpu;
  return session;
}

// One of the threads that may compute at a time, from its construction to its end.
class Turn {
 public:
  explicit Turn(std::counting_semaphore<>& turns) : turns_(turns) { turns_.acquire(); }
  ~Turn() {
    if (held_) turns_.release();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  // Others compute while `wait` waits.
  template <typename Wait>
  auto pass(const Wait& wait) {
    turns_.release();
    held_ = false;
    auto result = wait();
    turns_.acquire();
    held_ = true;
    return result;
  }

 private:
  std::counting_semaphore<>& turns_;
  bool held_ = true;
};

}  // namespace

struct Detector::State {
  DetectorOptions options;
  ThreadPlan threads;
  Session session;
  NetworkContract contract;
  mutable std::counting_semaphore<> turns;
  mutable std::optional<Batcher> batcher;

  // Opens the session anew when it turns out that its network may not fit into memory.
  static std::shared_ptr<const State> open(DetectorOptions options,
                                           const std::function<Session(const SessionOptions&)>& openSession) {
    Session session = openSession(sessionOptions(options));
    NetworkContract contract = networkContract(session, options);
    if (!options.low_memory) {
      if (const auto need = tooMuchMemory(session, contract, options, availableMemory())) {
        logInfo(describe(*need));
        options.low_memory = true;
        session = openSession(sessionOptions(options));
      }
    }
    if (options.low_memory) contract.description += "; low memory";
    return std::make_shared<const State>(std::move(session), std::move(contract), options);
  }

  State(Session opened, NetworkContract what_it_wants, const DetectorOptions& wanted)
      : options(wanted),
        threads(planThreads(wanted)),
        session(std::move(opened)),
        contract(std::move(what_it_wants)),
        turns(threads.pictures) {
    cv::setNumThreads(1);  // the threads that were asked for belong to the network
    if (largestBatch(options) > 1 && contract.batch_free)
      batcher.emplace(std::size_t(largestBatch(options)), [this](std::span<const Image* const> images) {
        const Turn turn(turns);
        return runNetwork(session, contract, images).maps;
      });
  }

  OwnedMap run(const Image& input, Turn& turn, Detection& detection) const {
    if (!batcher) {
      const Image* image = &input;
      NetworkRun result = runNetwork(session, contract, {&image, 1});
      detection.timings.preprocess_ms += result.preparation_ms;
      return std::move(result.maps.front());
    }
    auto [map, together] = turn.pass([&] { return (*batcher)(input); });
    detection.batch = std::max(detection.batch, together);
    return std::move(map);
  }

  Detection detect(const Image& image, double decode_ms, Turn& turn) const {
    Detection detection;
    detection.image_height = image.height;
    detection.image_width = image.width;
    detection.timings.decode_ms = decode_ms;
    Stopwatch watch;
    const ResizePlan plan = planResize({image.height, image.width}, contract.resize, contract.multiple);
    const Image resized = resize(image, plan.resized);
    const double resize_ms = 1000 * watch.lap();
    OwnedMap map = mapOfPicture(resized, plan, [&](const Image& tile) { return run(tile, turn, detection); });
    detection.timings.inference_ms = 1000 * watch.lap() - detection.timings.preprocess_ms;
    detection.timings.preprocess_ms += resize_ms;
    findBoxes(plan, map, detection);
    detection.timings.postprocess_ms = 1000 * watch.lap();
    if (options.keep_map) detection.map = std::move(map.values);
    return detection;
  }

  void findBoxes(const ResizePlan& plan, const OwnedMap& map, Detection& detection) const {
    const Frame frame = frameOf({detection.image_height, detection.image_width}, plan, map);
    const ProbabilityMap view{map.values, map.height, map.width};
    PostprocessResult result = findText(view, frame, contract.postprocess);
    const auto counts = result.counts;
    detection.boxes = boxesOf(std::move(result));
    if (detection.boxes.empty()) detection.why_empty = emptyReason(view, frame, contract.postprocess, counts);

    detection.network_height = plan.input.height;
    detection.network_width = plan.input.width;
    detection.tiles = int(plan.tiles.size());
    detection.pixel_threshold = double(contract.postprocess.pixel_threshold);
    detection.box_threshold = contract.postprocess.box_threshold;
    detection.unclip_ratio = contract.postprocess.unclip_ratio;
    if (!options.keep_map) return;
    detection.map_height = map.height;
    detection.map_width = map.width;
    detection.picture_on_map_height = frame.resized_height;
    detection.picture_on_map_width = frame.resized_width;
  }

  template <typename Read>
  Detection decodeAndDetect(const Read& read) const {
    Turn turn(turns);
    throwIfInterrupted();
    Stopwatch watch;
    const Image image = read(DecodeOptions{options.max_pixels, options.page});
    return detect(image, 1000 * watch.lap(), turn);
  }

  // detectOne(i) for each of `count` pictures, by as many threads as may be busy or waiting.
  template <typename DetectOne>
  std::vector<DetectionOutcome> detectAll(std::size_t count, const DetectOne& detectOne) const {
    std::vector<DetectionOutcome> outcomes(count);
    const auto work = [&](std::size_t i) {
      DetectionOutcome outcome;
      try {
        outcome.detection = detectOne(i);
      } catch (const Error& error) {
        if (error.exitStatus() == ExitStatus::kInterrupted) throw;
        outcome.error = error;
      } catch (const std::bad_alloc&) {
        outcome.error = Error({&codes::kMemoryExhausted,
                               fmt::format("Memory ran out at picture {} of {}.", i + 1, count),
                               "Use a smaller size, or low_memory.",
                               {{"picture", std::int64_t(i)}},
                               {}});
      }
      return outcome;
    };
    orderedParallel(count, threads.callers, work,
                    [&](std::size_t i, DetectionOutcome&& outcome) { outcomes[i] = std::move(outcome); });
    return outcomes;
  }
};

Detector Detector::open(const std::filesystem::path& model, const DetectorOptions& options) {
  if (holdsCheckpoint(model)) {
    const std::string exported = exportInMemory(model);
    return fromBytes(std::as_bytes(std::span(exported)), options);
  }
  return Detector(State::open(options, [&](const SessionOptions& session) { return Session::open(model, session); }));
}

Detector Detector::fromBytes(std::span<const std::byte> model, const DetectorOptions& options) {
  return Detector(
      State::open(options, [&](const SessionOptions& session) { return Session::fromBytes(model, session); }));
}

Detection Detector::detectFile(const std::filesystem::path& path, std::optional<int> page) const {
  return state_->decodeAndDetect([&](DecodeOptions decode) {
    decode.page = page.value_or(decode.page);
    return readImage(path, decode);
  });
}

Detection Detector::detectBytes(std::span<const std::byte> bytes) const {
  return state_->decodeAndDetect([&](const DecodeOptions& decode) { return decodeImage(bytes, decode); });
}

Detection Detector::detect(const ImageView& view) const {
  return state_->decodeAndDetect([&](const DecodeOptions&) { return toImage(view); });
}

std::vector<DetectionOutcome> Detector::detect(std::span<const ImageView> images) const {
  return state_->detectAll(images.size(), [&](std::size_t i) { return detect(images[i]); });
}

std::vector<DetectionOutcome> Detector::detectFiles(std::span<const std::filesystem::path> images) const {
  return state_->detectAll(images.size(), [&](std::size_t i) { return detectFile(images[i]); });
}

double Detector::boxThreshold() const {
  return state_->contract.postprocess.box_threshold;
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
