// Text detection: an ONNX file and pictures in, boxes out.
//
//   const ocrdet::Detector detector = ocrdet::Detector::open("model_dynamic.onnx");
//   const ocrdet::Detection detection = detector.detectFile("street.jpg");
//   for (const ocrdet::TextBox& box : detection.boxes)
//     std::cout << box.score << ' ' << box.points[0].x << ',' << box.points[0].y << '\n';
//   if (detection.boxes.empty()) std::cout << detection.why_empty << '\n';
//
// Weights (a PyTorch or safetensors checkpoint of the network) work in place of an ONNX file; they are exported in
// memory. A file written by `ocrdet export` says itself how it wants to be fed; options override it. Files of others
// get the settings of their family, see ModelFamily. Boxes are in pixels of the original, upright picture: the camera's
// orientation note is applied first. All const functions may be called from many threads at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ocrdet/error.h"
#include "ocrdet/geometry.h"

#pragma GCC visibility push(default)  // what libocrdet.so shows
namespace ocrdet {

// How a picture becomes the network's input.
enum class ResizeMode {
  kFromFile,   // what the file says: its own rule, or the fixed size it was exported for
  kShortSide,  // the shorter side becomes `length`, the longer keeps the ratio up to the next multiple of 32
  kLongSide,   // the longer side becomes at most `length`
  kExact,      // stretched to `height` × `width`
  kLetterbox,  // scaled to fit into `height` × `width`, the rest black
};

struct ResizeOptions {
  ResizeMode mode = ResizeMode::kFromFile;
  int length = 0;  // 0: the file's
  int height = 0;  // 0: the file's
  int width = 0;
  // Of a small picture by kShortSide; without limit where another program is repeated (compatibility).
  double max_enlargement = 1.25;
  int max_side = 2560;  // a longer input is run in overlapping tiles whose maps are joined; a multiple of 32
  // Sides of the input are padded, on the right and below, to multiples of it, so that pictures of many sizes share few
  // shapes. 0: 256 where pictures go through the network in batches, otherwise nothing is padded.
  int bucket = 0;
};

// Whose pre-processing and thresholds a file without metadata gets.
enum class ModelFamily {
  kGuess,      // PaddleOCR when the input is called `x`, otherwise DBNet
  kDbNet,      // ModelScope's and MhLiao's: short side 736, thresholds 0.2 and 0.3
  kPaddleOcr,  // PP-OCR detectors: long side 960, thresholds 0.3 and 0.6, means and deviations of ImageNet
};

// Post-processing that repeats another program to the last pixel, instead of our own (docs/detect.md).
enum class Compatibility { kNone, kModelScope, kMhLiao, kPaddleOcr };

// How far a box grows from what the network painted, which is smaller than the text.
enum class Growth {
  kUnclip,        // by area · ratio / perimeter of what was found, as everybody does
  kInvertShrink,  // by the same of the grown box: with a ratio of 0.84, exactly what training took away
};

// How boxes are made from a probability map.
struct BoxOptions {
  double pixel_threshold = 0.2;  // a pixel is text above it
  double box_threshold = 0.3;    // a box is kept from this score
  double unclip_ratio = 1.5;     // boxes grow by area · ratio / perimeter, see Growth
  Compatibility compatibility = Compatibility::kNone;
  bool polygons = false;
  bool score_contour = false;  // the score is the mean inside the contour, not inside the box
  Growth growth = Growth::kUnclip;
};

enum class ExecutionProvider { kCpu, kCuda, kTensorRt };

struct DetectorOptions {
  std::filesystem::path onnxruntime;  // library file or folder; empty: the usual places
  // One budget for everything that computes: decoding, OpenCV, ONNX Runtime, our own threads. 0: as many as this
  // process may use processors.
  int threads = 0;
  // How many pictures are worked on side by side, each with its share of `threads`. More is faster for many pictures, 1
  // answers a single one soonest. Callers beyond it wait for their turn.
  int images_at_a_time = 1;
  // Pictures of one shape that go through the network together. 0: one on the processor, where it makes nothing faster
  // (docs/bench.md), up to 8 on accelerators.
  int batch = 0;
  // Give each buffer back at once: about 0.6 of the peak, 12 % slower. Chosen by itself when what the network needs is
  // more than the memory that is free; description() says so.
  bool low_memory = false;
  ExecutionProvider provider = ExecutionProvider::kCpu;

  ModelFamily family = ModelFamily::kGuess;
  ResizeOptions resize;
  std::optional<double> pixel_threshold;  // unset: the file's
  std::optional<double> box_threshold;
  std::optional<double> unclip_ratio;
  Growth growth = Growth::kUnclip;
  Compatibility compatibility = Compatibility::kNone;
  bool polygons = false;
  bool score_contour = false;
  bool keep_map = false;                  // hand the probability map out, see boxesFromMap
  std::int64_t max_pixels = 100'000'000;  // of a picture, checked before it is decoded
  int page = 0;                           // of a TIFF file
};

enum class PixelOrder { kBgr, kRgb, kGrey, kBgra, kRgba };

// Somebody else's pixels, 8 bits a channel, interleaved, upright. Alpha is ignored.
struct ImageView {
  const std::uint8_t* pixels = nullptr;
  int height = 0;
  int width = 0;
  std::ptrdiff_t stride = 0;  // bytes from row to row; 0: no padding
  PixelOrder order = PixelOrder::kBgr;
};

struct TextBox {
  Polygon points;  // four corners clockwise from the upper left, or an outline
  double score = 0;
};

struct DetectionTimings {
  double decode_ms = 0;
  double preprocess_ms = 0;
  double inference_ms = 0;  // in batches: with the wait for a turn and the conversion of pixels
  double postprocess_ms = 0;
  double total_ms() const { return decode_ms + preprocess_ms + inference_ms + postprocess_ms; }
};

struct Detection {
  int image_height = 0;
  int image_width = 0;
  std::vector<TextBox> boxes;  // in reading order
  std::string why_empty;       // a sentence with numbers and what to try, when there are no boxes

  int network_height = 0;  // the input that the network saw; of all tiles together when there are several
  int network_width = 0;
  int tiles = 1;
  int batch = 1;  // pictures in the same run of the network, with this one; the most of its tiles
  double pixel_threshold = 0;
  double box_threshold = 0;
  double unclip_ratio = 0;
  DetectionTimings timings;

  // With keep_map: rows of probabilities. The picture covers `picture_on_map_*` from the upper left corner, the rest is
  // padding.
  std::vector<float> map;
  int map_height = 0;
  int map_width = 0;
  double picture_on_map_height = 0;
  double picture_on_map_width = 0;
};

// What became of one of several pictures: the detection, or why there is none.
struct DetectionOutcome {
  std::optional<Detection> detection;
  std::optional<Error> error;
};

// Other thresholds without running the network again. The detection must have been made with keep_map.
std::vector<TextBox> boxesFromMap(const Detection& detection, const BoxOptions& options);

class Detector {
 public:
  // `model` is an ONNX file, or a checkpoint of the network. Throws what opening a session throws (runtime.*, file.*)
  // or reading a checkpoint (checkpoint.*), model.not-a-detector, and usage.option when the options contradict the
  // file.
  static Detector open(const std::filesystem::path& model, const DetectorOptions& options = {});
  static Detector fromBytes(std::span<const std::byte> model, const DetectorOptions& options = {});

  // Throw image.*, file.*, input.*, runtime.failed, memory.exhausted. `page` is that of a TIFF file, from 0; unset: the
  // option's.
  Detection detectFile(const std::filesystem::path& image, std::optional<int> page = std::nullopt) const;
  Detection detectBytes(std::span<const std::byte> image) const;  // an encoded picture
  Detection detect(const ImageView& image) const;

  // Several pictures, `images_at_a_time` side by side; answers in the order of the pictures. One that fails does not
  // stop the others. Throws run.interrupted alone.
  std::vector<DetectionOutcome> detect(std::span<const ImageView> images) const;
  std::vector<DetectionOutcome> detectFiles(std::span<const std::filesystem::path> images) const;

  // The score from which a box is kept: the option's, otherwise the file's.
  double boxThreshold() const;

  // One line: how pictures are fed to this file, and who said so.
  const std::string& description() const;

 private:
  struct State;
  explicit Detector(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace ocrdet
#pragma GCC visibility pop
