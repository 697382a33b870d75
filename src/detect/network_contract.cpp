#include "detect/network_contract.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "detect/thread_plan.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

// Settings that a model was trained and published with.
struct Family {
  const char* name;
  Normalisation normalisation;
  ResizeMode resize;
  int length;
  double pixel_threshold, box_threshold, unclip_ratio;
};

// PaddleOCR's detectors read BGR, too, and apply ImageNet's means and deviations (of red, green, blue, in 0…1) in that
// order of positions.
const Family kPaddleOcr{"PaddleOCR",
                        {{255 * 0.485F, 255 * 0.456F, 255 * 0.406F}, {255 * 0.229F, 255 * 0.224F, 255 * 0.225F}, false},
                        ResizeMode::kLongSide,
                        960,
                        0.3,
                        0.6,
                        1.5};

[[noreturn]] void failNotADetector(const std::string& what) {
  throw Error({&codes::kModelNotADetector,
               what,
               "Give an ONNX file of a DBNet text detector, for instance one that `ocrdet export` wrote.",
               {},
               {}});
}

[[noreturn]] void failUsage(const std::string& what, const std::string& advice) {
  throw Error({&codes::kUsageOption, what, advice, {}, {}});
}

int lengthOf(const Dimension& dimension) {
  return dimension.fixed() ? int(dimension.length) : 0;
}

// The one input: float32 [N, 3, H, W], or uint8 [N, H, W, 3].
void readInput(const Session& session, NetworkContract& contract) {
  if (session.inputs().size() != 1 || session.outputs().empty())
    failNotADetector(fmt::format("The file has {} inputs and {} outputs; a detector has one input and a map.",
                                 session.inputs().size(), session.outputs().size()));
  const Value& input = session.inputs().front();
  const SymbolicShape& shape = input.shape;
  contract.input_name = input.name;
  contract.takes_bytes = input.dtype == DType::kUint8;
  const std::size_t channels_at = contract.takes_bytes ? 3 : 1, height_at = contract.takes_bytes ? 1 : 2;
  if (shape.size() != 4 || (input.dtype != DType::kFloat32 && input.dtype != DType::kUint8))
    failNotADetector(fmt::format("The input `{}` is {} with {} dimensions; a detector takes float32 [N, 3, H, W].",
                                 input.name, name(input.dtype), shape.size()));
  if (shape[channels_at].fixed() && shape[channels_at].length != 3)
    failNotADetector(fmt::format("The input `{}` has {} channels, not 3.", input.name, shape[channels_at].length));
  if (lengthOf(shape[0]) > 1)
    failNotADetector(fmt::format("The file takes {} pictures at a time, not one.", shape[0].length));
  contract.batch_free = !shape[0].fixed();
  contract.fixed = {std::max(0, lengthOf(shape[height_at])), std::max(0, lengthOf(shape[height_at + 1]))};
}

void take(const Family& family, NetworkContract& contract) {
  contract.normalisation = family.normalisation;
  contract.resize.mode = family.resize;
  contract.resize.length = family.length;
  contract.postprocess.pixel_threshold = float(family.pixel_threshold);
  contract.postprocess.box_threshold = family.box_threshold;
  contract.postprocess.unclip_ratio = family.unclip_ratio;
}

// Files multiply by the reciprocal; dividing by its whole-numbered reciprocal repeats the originals' bits.
float divisorOf(double scale) {
  const double divisor = 1 / scale, whole = std::round(divisor);
  return float(std::abs(divisor - whole) < 1e-6 * whole ? whole : divisor);
}

void take(const FileContract& file, NetworkContract& contract) {
  for (std::size_t c = 0; c < 3; ++c) {
    contract.normalisation.mean[c] = float(file.mean[c]);
    contract.normalisation.divisor[c] = divisorOf(file.scale);
  }
  contract.multiple = std::max(1, int(file.multiple));
  contract.resize.length = int(file.resize.length);
  contract.resize.mode = file.resize.kind == ResizeRule::Kind::kExact       ? ResizeMode::kExact
                         : file.resize.kind == ResizeRule::Kind::kShortSide ? ResizeMode::kShortSide
                                                                            : ResizeMode::kLongSide;
  contract.postprocess.pixel_threshold = float(file.boxes.pixel_threshold);
  contract.postprocess.box_threshold = file.boxes.box_threshold;
  contract.postprocess.unclip_ratio = file.boxes.unclip_ratio;
}

bool wantsSize(ResizeMode mode) {
  return mode == ResizeMode::kExact || mode == ResizeMode::kLetterbox;
}

// Exact repetition of another program allows no padding; batches need pictures of one shape.
int bucketOf(const DetectorOptions& options, const NetworkContract& contract) {
  constexpr int kBucketOfBatches = 256;
  const bool batches = largestBatch(options) > 1 && contract.batch_free;
  if (options.resize.bucket > 0) return std::max(1, options.resize.bucket / contract.multiple) * contract.multiple;
  return batches && options.compatibility == Compatibility::kNone ? kBucketOfBatches : 0;
}

void applyResizeOptions(const ResizeOptions& wanted, NetworkContract& contract) {
  ResizeOptions& resize = contract.resize;
  const bool fixed = contract.fixed.height > 0 && contract.fixed.width > 0;
  resize.max_enlargement = wanted.max_enlargement;
  resize.max_side = std::max(contract.multiple, wanted.max_side / contract.multiple * contract.multiple);
  if (wanted.mode != ResizeMode::kFromFile)
    resize.mode = wanted.mode;
  else if (fixed)
    resize.mode = ResizeMode::kExact;
  if (wanted.length > 0) resize.length = wanted.length;
  resize.height = wanted.height > 0 ? wanted.height : contract.fixed.height;
  resize.width = wanted.width > 0 ? wanted.width : contract.fixed.width;

  if (fixed && !wantsSize(resize.mode))
    failUsage(fmt::format("the file takes {}×{} only (height × width); a side cannot be chosen.", contract.fixed.height,
                          contract.fixed.width),
              "Use --resize exact or --resize letterbox, or export with --dynamic.");
  if (wantsSize(resize.mode) && (resize.height <= 0 || resize.width <= 0))
    failUsage("this way of resizing needs a size.", "Add --size HxW.");
  if (fixed && PixelSize{resize.height, resize.width} != contract.fixed)
    failUsage(fmt::format("the file takes {}×{} only (height × width), not {}×{}.", contract.fixed.height,
                          contract.fixed.width, resize.height, resize.width),
              "Leave --size out, or export another file.");
  if (resize.height % contract.multiple || resize.width % contract.multiple)
    failUsage(
        fmt::format("{}×{} is not a multiple of {} on both sides.", resize.height, resize.width, contract.multiple),
        fmt::format("`ocrdet check {}x{}` shows the sizes nearby.", resize.height, resize.width));
}

PostprocessOptions compatibleWith(Compatibility compatibility, bool polygons) {
  switch (compatibility) {
    case Compatibility::kModelScope:
      return polygons ? modelScopePolygons() : modelScopeQuads();
    case Compatibility::kMhLiao:
      return polygons ? mhLiaoPolygons() : mhLiaoQuads();
    case Compatibility::kPaddleOcr:
      return paddleOcrQuads();
    case Compatibility::kNone:
      break;
  }
  return {};
}

// D = area · (1 − 0.4²) / perimeter, the shrink of the training targets.
constexpr double kTrainingShrink = 0.84;

// A compatible mode brings its own thresholds, as the originals fix them; what the user names wins over everything.
void applyPostprocessOptions(const DetectorOptions& options, NetworkContract& contract) {
  PostprocessOptions& postprocess = contract.postprocess;
  BoxOptions boxes{double(postprocess.pixel_threshold),
                   postprocess.box_threshold,
                   postprocess.unclip_ratio,
                   options.compatibility,
                   options.polygons,
                   options.score_contour,
                   options.growth};
  if (options.compatibility != Compatibility::kNone) {
    const PostprocessOptions theirs = compatibleWith(options.compatibility, options.polygons);
    boxes.pixel_threshold = double(theirs.pixel_threshold);
    boxes.box_threshold = theirs.box_threshold;
    boxes.unclip_ratio = theirs.unclip_ratio;
  }
  if (options.growth == Growth::kInvertShrink) boxes.unclip_ratio = kTrainingShrink;
  boxes.pixel_threshold = options.pixel_threshold.value_or(boxes.pixel_threshold);
  boxes.box_threshold = options.box_threshold.value_or(boxes.box_threshold);
  boxes.unclip_ratio = options.unclip_ratio.value_or(boxes.unclip_ratio);
  if (options.growth == Growth::kInvertShrink && boxes.unclip_ratio >= 1)
    failUsage(fmt::format("an unclip ratio of {:g} has no inverse: a shape cannot have lost all its area.",
                          boxes.unclip_ratio),
              fmt::format("Use less than 1, or leave it out: {:g} is what training took.", kTrainingShrink));
  postprocess = postprocessOptions(boxes);
}

std::string describe(const NetworkContract& contract, const std::string& whose) {
  const ResizeOptions& r = contract.resize;
  const std::string rule = r.mode == ResizeMode::kShortSide  ? fmt::format("short side {}", r.length)
                           : r.mode == ResizeMode::kLongSide ? fmt::format("long side at most {}", r.length)
                           : r.mode == ResizeMode::kExact    ? fmt::format("stretched to {}×{}", r.height, r.width)
                                                             : fmt::format("fitted into {}×{}", r.height, r.width);
  return fmt::format("{}; {}; pixel threshold {:g}, box threshold {:g}, unclip ratio {:g}", whose, rule,
                     contract.postprocess.pixel_threshold, contract.postprocess.box_threshold,
                     contract.postprocess.unclip_ratio);
}

void applyOptions(const DetectorOptions& options, NetworkContract& contract) {
  applyResizeOptions(options.resize, contract);
  if (options.compatibility != Compatibility::kNone)
    contract.resize.max_enlargement = std::numeric_limits<double>::infinity();
  contract.resize.bucket = bucketOf(options, contract);
  applyPostprocessOptions(options, contract);
}

}  // namespace

PostprocessOptions postprocessOptions(const BoxOptions& options) {
  PostprocessOptions postprocess = compatibleWith(options.compatibility, options.polygons);
  postprocess.polygons = options.polygons && options.compatibility != Compatibility::kPaddleOcr;
  postprocess.pixel_threshold = float(options.pixel_threshold);
  postprocess.box_threshold = options.box_threshold;
  postprocess.unclip_ratio = options.unclip_ratio;
  postprocess.growth = options.growth == Growth::kInvertShrink ? GrowthRule::kInvertShrink : GrowthRule::kUnclip;
  postprocess.score = options.score_contour ? ScoreRegion::kContour : ScoreRegion::kShape;
  return postprocess;
}

NetworkContract networkContract(const Session& session, const DetectorOptions& options) {
  NetworkContract contract;
  readInput(session, contract);
  std::string whose;
  if (const auto file = readFileContract(session.metadata())) {
    take(*file, contract);
    whose = "settings from the file";
  } else {
    const bool paddle = options.family == ModelFamily::kPaddleOcr ||
                        (options.family == ModelFamily::kGuess && contract.input_name == "x");
    if (paddle)
      take(kPaddleOcr, contract);
    else
      take(FileContract{}, contract);
    whose = fmt::format("no metadata, settings of {}", paddle ? kPaddleOcr.name : "DBNet");
  }
  applyOptions(options, contract);
  contract.description = describe(contract, whose);
  return contract;
}

NetworkContract networkContract(const FileContract& file) {
  NetworkContract contract;
  contract.batch_free = true;
  take(file, contract);
  applyOptions({}, contract);
  contract.description = describe(contract, "settings of the file");
  return contract;
}

}  // namespace ocrdet
