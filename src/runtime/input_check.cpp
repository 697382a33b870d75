#include "runtime/input_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "ocrdet/contract.h"

namespace ocrdet {
namespace {

// Where height, width and channels lie in a picture batch.
struct Axes {
  std::size_t height = 2, width = 3, channel = 1;
};
constexpr Axes kChannelsFirst{2, 3, 1};
constexpr Axes kChannelsLast{1, 2, 3};

// What a run must keep to. Files of others have no such rules.
struct SizeRule {
  std::int64_t multiple = 1;
  std::int64_t min_size = 1;
  std::optional<std::int64_t> max_size;
};

SizeRule sizeRule(const std::optional<FileContract>& contract) {
  if (!contract) return {};
  // A file edited by others may say anything, also 0.
  const std::int64_t multiple =
      contract->size_mode == SizeMode::kAny ? 1 : std::max<std::int64_t>(contract->multiple, 1);
  return {multiple, contract->min_size, contract->max_size};
}

bool channelsLast(const Value& declared) {
  return declared.shape.size() == 4 && declared.shape[3].fixed() && declared.shape[3].length == 3 &&
         !(declared.shape[1].fixed() && declared.shape[1].length == 3);
}

std::string describe(const SymbolicShape& shape) {
  std::string text;
  for (const Dimension& dimension : shape) {
    text += (text.empty() ? "" : "×") + (dimension.fixed() ? std::to_string(dimension.length) : dimension.symbol);
  }
  return text;
}

// The problems of one input, collected while its rules are walked.
class InputJudge {
 public:
  InputJudge(const Value& declared, const std::optional<FileContract>& contract, const Tensor& given,
             std::vector<Problem>& problems)
      : declared_(declared), rule_(sizeRule(contract)), given_(given), problems_(problems) {}

  void judge() {
    judgeType();
    if (!judgeRank()) return;
    if (!judgeBuffer() || !judgeLayout()) return;
    judgeEmpty();
    for (std::size_t axis = 0; axis < given_.shape.size(); ++axis) judgeFixed(axis);
    if (declared_.shape.size() != 4) return;
    const Axes axes = channelsLast(declared_) ? kChannelsLast : kChannelsFirst;
    judgeSize(axes.height, "height");
    judgeSize(axes.width, "width");
  }

 private:
  void add(const ErrorCode& code, std::string message, std::string advice, std::vector<Detail> details = {}) {
    details.insert(details.begin(), Detail{"input", declared_.name});
    problems_.push_back({&code, std::move(message), std::move(advice), std::move(details), {}});
  }

  void judgeType() {
    if (given_.dtype == declared_.dtype) return;
    add(codes::kInputType,
        fmt::format("input '{}' is given as {}, the file takes {}.", declared_.name, name(given_.dtype),
                    name(declared_.dtype)),
        declared_.dtype == DType::kUint8 ? "Give the picture's bytes unchanged; this file normalises by itself."
                                         : fmt::format("Convert the values to {} first.", name(declared_.dtype)));
  }

  bool judgeRank() {
    if (given_.shape.size() == declared_.shape.size()) return true;
    add(codes::kInputRank,
        fmt::format("input '{}' has {} dimensions ({}), the file takes {} ({}).", declared_.name, given_.shape.size(),
                    toText(given_.shape), declared_.shape.size(), describe(declared_.shape)),
        "Add or drop a dimension: a single picture needs a batch dimension of 1 in front.");
    return false;
  }

  bool judgeBuffer() {
    const std::optional<std::int64_t> count = elementCount(given_.shape);
    const std::size_t element = byteSize(given_.dtype);
    const std::size_t present = given_.storage.bytes.size() / element;
    const auto offset = static_cast<std::size_t>(std::max<std::int64_t>(given_.offset, 0));
    const bool fits =
        count && given_.offset >= 0 && offset <= present && static_cast<std::size_t>(*count) <= present - offset;
    if (fits && isContiguous(given_)) return true;
    add(codes::kInputBufferSize,
        fmt::format("input '{}' of {} needs {} contiguous values, but {} are there.", declared_.name,
                    toText(given_.shape), count.value_or(-1), offset <= present ? present - offset : 0),
        "Pass a buffer that holds exactly the shape's values in row-major order.");
    return false;
  }

  // Channels-last pictures for a channels-first file, or the other way round: one sentence instead of three about
  // lengths.
  bool judgeLayout() {
    if (declared_.shape.size() != 4) return true;
    const bool last = channelsLast(declared_);
    const Axes wanted = last ? kChannelsLast : kChannelsFirst;
    const Axes other = last ? kChannelsFirst : kChannelsLast;
    const Dimension& channels = declared_.shape[wanted.channel];
    if (!channels.fixed() || given_.shape[wanted.channel] == channels.length) return true;
    if (given_.shape[other.channel] == channels.length) {
      add(codes::kInputLayout,
          fmt::format("input '{}' is {} (channels {}), the file takes {} (channels {}).", declared_.name,
                      toText(given_.shape), last ? "first" : "last", describe(declared_.shape),
                      last ? "last" : "first"),
          last ? "Pass height × width × channels, as decoders give it." : "Transpose to channels × height × width.");
      return false;
    }
    add(codes::kInputChannels,
        fmt::format("input '{}' has {} channels, the file takes {}.", declared_.name, given_.shape[wanted.channel],
                    channels.length),
        "Convert grey pictures to three equal channels, and drop an alpha channel.",
        {{"channels", given_.shape[wanted.channel]}});
    return false;
  }

  void judgeEmpty() {
    for (std::size_t axis = 0; axis < given_.shape.size(); ++axis) {
      if (given_.shape[axis] > 0) continue;
      const bool batch = axis == 0 && declared_.shape.size() == 4;
      add(batch ? codes::kInputZeroBatch : codes::kInputZeroSize,
          fmt::format("input '{}' is {}: dimension {} is {}.", declared_.name, toText(given_.shape), axis,
                      given_.shape[axis]),
          batch ? "Do not run an empty batch." : "Give a picture with at least one pixel.");
    }
  }

  void judgeFixed(std::size_t axis) {
    const Dimension& wanted = declared_.shape[axis];
    const std::int64_t given = given_.shape[axis];
    if (!wanted.fixed() || wanted.length == given || given <= 0) return;
    if (axis == 0 && declared_.shape.size() == 4) {
      add(codes::kInputBatchFixed,
          fmt::format("input '{}' has batch {}, the file takes exactly {}.", declared_.name, given, wanted.length),
          "Run the pictures one after another, or export with a free batch.", {{"batch", given}});
      return;
    }
    add(codes::kInputSizeFixed,
        fmt::format("dimension {} ({}) of input '{}' is {}, the file was exported for exactly {}.", axis,
                    axisName(axis), declared_.name, given, wanted.length),
        fmt::format("Resize the picture to {}, or export with --dynamic.", describe(declared_.shape)),
        {{axisName(axis), given}, {"expected", wanted.length}});
  }

  std::string axisName(std::size_t axis) const {
    if (declared_.shape.size() != 4) return "length";
    const Axes axes = channelsLast(declared_) ? kChannelsLast : kChannelsFirst;
    if (axis == axes.height) return "height";
    if (axis == axes.width) return "width";
    return axis == axes.channel ? "channels" : "batch";
  }

  // The contract of a free side. A fixed side has been compared with its one length already.
  void judgeSize(std::size_t axis, const std::string& side) {
    const std::int64_t length = given_.shape[axis];
    if (declared_.shape[axis].fixed() || length <= 0) return;
    if (length < rule_.min_size || length > rule_.max_size.value_or(length)) {
      add(codes::kInputSizeOutOfRange,
          fmt::format("{} {} of input '{}' is outside the file's range of {} to {}.", side, length, declared_.name,
                      rule_.min_size, rule_.max_size ? std::to_string(*rule_.max_size) : "any"),
          "Resize the picture, or cut it into tiles.", {{side, length}});
    }
    const std::int64_t rest = length % rule_.multiple;
    if (rest == 0) return;
    const std::int64_t below = length - rest, above = below + rule_.multiple;
    const std::int64_t nearest = rest * 2 < rule_.multiple && below >= rule_.min_size ? below : above;
    add(codes::kInputSizeNotMultiple,
        fmt::format("{} {} of input '{}' is not a multiple of {} ({} × {} + {}){}.", side, length, declared_.name,
                    rule_.multiple, length / rule_.multiple, rule_.multiple, rest, consequence(length)),
        fmt::format("Resize the picture: {} is the nearest valid {}; or export with --any-size.", nearest, side),
        {{side, length}, {"multiple", rule_.multiple}, {"remainder", rest}, {"nearest", nearest}});
  }

  // What would happen without this check, from the contract's model of the network.
  std::string consequence(std::int64_t length) const {
    if (rule_.multiple != kSizeMultiple) return {};
    const MeetingMaps maps = meetingMaps(length);
    if (maps.outcome == MeetingMaps::Outcome::kRunsSilentlyWrong) {
      return fmt::format(": it would run, but with an output of {}, which no longer matches the picture", maps.output);
    }
    if (maps.outcome == MeetingMaps::Outcome::kRuns) return {};
    const Addition& addition = kAdditions[maps.addition];
    return fmt::format(": {} would give {} where {} has {}", addition.upsampled, maps.upsampled, addition.lateral,
                       maps.lateral);
  }

  const Value& declared_;
  const SizeRule rule_;
  const Tensor& given_;
  std::vector<Problem>& problems_;
};

std::string namesOf(std::span<const Value> declared) {
  std::string names;
  for (const Value& value : declared) names += (names.empty() ? "'" : ", '") + value.name + "'";
  return names;
}

}  // namespace

std::vector<Problem> inputProblems(std::span<const Value> declared, const std::optional<FileContract>& contract,
                                   std::span<const NamedTensor> given) {
  std::vector<Problem> problems;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto same = [&](const auto& other) { return other.name == given[i].name; };
    if (std::find_if(declared.begin(), declared.end(), same) != declared.end() &&
        std::find_if(given.begin(), given.begin() + static_cast<std::ptrdiff_t>(i), same) ==
            given.begin() + static_cast<std::ptrdiff_t>(i)) {
      continue;
    }
    problems.push_back({&codes::kInputName,
                        fmt::format("the file has no input '{}' that is still open; its inputs are {}.", given[i].name,
                                    namesOf(declared)),
                        "Use the file's own names, each once; `ocrdet inspect` prints them.",
                        {{"input", given[i].name}},
                        {}});
  }
  for (const Value& value : declared) {
    const auto found =
        std::find_if(given.begin(), given.end(), [&](const NamedTensor& input) { return input.name == value.name; });
    if (found == given.end()) {
      problems.push_back({&codes::kInputMissing,
                          fmt::format("input '{}' is not given.", value.name),
                          fmt::format("Give all inputs of the file: {}.", namesOf(declared)),
                          {{"input", value.name}},
                          {}});
      continue;
    }
    InputJudge(value, contract, found->tensor, problems).judge();
  }
  return problems;
}

}  // namespace ocrdet
