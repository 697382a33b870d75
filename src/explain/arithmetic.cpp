#include "explain/arithmetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "ocrdet/contract.h"

namespace ocrdet {
namespace {

// Beyond this no picture is; keeps the arithmetic far from overflow.
constexpr std::int64_t kLargestLength = std::int64_t{1} << 40;

// Input sides that make `upsampled` meet `lateral` at one addition.
struct SideInterval {
  std::size_t addition;
  std::int64_t first, last;
};

std::optional<SideInterval> sidesThatMeetAt(std::size_t addition, std::int64_t upsampled, std::int64_t lateral) {
  // The lateral map has ceil(side / stride) pixels, so only `stride` sides come into question.
  const std::int64_t stride = kAdditions[addition].stride;
  std::optional<SideInterval> found;
  for (std::int64_t side = (lateral - 1) * stride + 1; side <= lateral * stride; ++side) {
    const MeetingMaps maps = meetingMaps(side);
    if (maps.outcome != MeetingMaps::Outcome::kFails || maps.addition != addition) continue;
    if (maps.upsampled != upsampled || maps.lateral != lateral) continue;
    if (!found) found = {addition, side, side};
    found->last = side;
  }
  return found;
}

// The addition that a node's name tells: "/decoder/Add_1" of torch.onnx.export, "decoder.add3" of ocrdet.
std::optional<std::size_t> additionNamed(std::string_view node) {
  constexpr std::string_view kOurNames[] = {"decoder.add4", "decoder.add3", "decoder.add2"};
  for (std::size_t i = 0; i < kAdditions.size(); ++i) {
    std::string torch_name = kAdditions[i].onnx_name;
    std::transform(torch_name.begin(), torch_name.end(), torch_name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (node.ends_with(torch_name) || node.ends_with(kOurNames[i])) return i;
  }
  return std::nullopt;
}

std::vector<SideInterval> sidesThatMeet(std::int64_t upsampled, std::int64_t lateral,
                                        std::optional<std::size_t> addition) {
  std::vector<SideInterval> found;
  if (lateral < 1 || upsampled < 1 || lateral > kLargestLength) return found;
  for (std::size_t i = 0; i < kAdditions.size(); ++i) {
    if (addition && *addition != i) continue;
    if (const auto sides = sidesThatMeetAt(i, upsampled, lateral)) found.push_back(*sides);
  }
  // What users really type comes first.
  std::stable_partition(found.begin(), found.end(), [](const SideInterval& each) {
    return each.last >= kUsualSides.smallest && each.first <= kUsualSides.largest;
  });
  return found;
}

Sentences sizeSentences(std::string_view side, std::int64_t upsampled, std::int64_t lateral,
                        std::optional<std::size_t> addition) {
  const std::vector<SideInterval> found = sidesThatMeet(upsampled, lateral, addition);
  Sentences sentences;
  for (const SideInterval& each : found) {
    const Addition& layer = kAdditions[each.addition];
    const std::int64_t multiple = each.first / kSizeMultiple, first_rest = each.first % kSizeMultiple;
    const std::int64_t below = multiple * kSizeMultiple, above = below + kSizeMultiple;
    sentences.push_back(fmt::format(
        "{}{} gives {} where {} has {} ({}, at 1/{} of the input): the {} was {} to {}, that is {} × 32 + {} to {}. {}",
        sentences.empty() ? "" : "Or ", layer.upsampled, upsampled, layer.lateral, lateral, layer.onnx_name,
        layer.stride, side, each.first, each.last, multiple, first_rest, first_rest + each.last - each.first,
        below > 0 ? fmt::format("Use {} or {}.", below, above) : fmt::format("Use {} or more.", above)));
  }
  if (sentences.empty()) {
    sentences.push_back(fmt::format(
        "No input size of this network makes {} meet {}: it is another network, which asks for a multiple of its own.",
        upsampled, lateral));
  }
  return sentences;
}

std::string_view sideOfDimension(std::string_view dimension) {
  if (dimension == "2") return "height";
  if (dimension == "3") return "width";
  return "height or width";
}

std::string verdictOn(Size size) {
  const Verdict verdict = checkSize({.size = size});
  if (verdict.valid())
    return fmt::format("{} is a valid size: export for it with --size {}.", toText(size), toText(size));
  return fmt::format("{} is no valid size either; the closest is {}.", toText(size),
                     toText(verdict.suggestions->closest));
}

}  // namespace

std::vector<std::int64_t> numbersIn(std::string_view list) {
  std::vector<std::int64_t> numbers;
  while (!list.empty()) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(list.data(), list.data() + list.size(), value);
    if (error != std::errc()) break;
    numbers.push_back(value);
    list.remove_prefix(static_cast<std::size_t>(end - list.data()));
    if (list.empty() || (list[0] != ',' && list[0] != ' ')) break;
    list.remove_prefix(1);
  }
  return numbers;
}

RunningNode runningNode(const CanonicalText& text) {
  static const Pattern kRunning("while running <w> node. Name:'<w>'");
  PatternMatch match;
  if (!kRunning.find(text.text, 0, match)) return {};
  const Found found{text, match};
  return {found.hole(0), found.hole(1)};
}

std::vector<WrongDimension> wrongDimensions(const Found& found) {
  static const Pattern kDimension("index: <n> Got: <n> Expected: <n>");
  std::vector<WrongDimension> dimensions;
  PatternMatch match;
  // One message lists at most the dimensions of one tensor.
  for (std::size_t at = found.match.whole.end; dimensions.size() < 8 && kDimension.find(found.text.text, at, match);) {
    const Found each{found.text, match};
    dimensions.push_back({each.number(0), each.number(1), each.number(2)});
    at = match.whole.end;
  }
  return dimensions;
}

std::string_view nonSingletonDimension(const Found& found) {
  constexpr std::string_view kWords = "at non-singleton dimension ";  // canonical: no space behind the bracket
  const std::string_view rest = found.rest();
  if (!rest.starts_with(kWords)) return {};
  const std::string_view number = rest.substr(kWords.size());
  return number.substr(0, number.find_first_not_of("0123456789"));
}

Sentences pyTorchSizes(const Found& found) {
  return sizeSentences(sideOfDimension(nonSingletonDimension(found)), found.number(0), found.number(1), std::nullopt);
}

Sentences onnxRuntimeSizes(const Found& found) {
  const std::int64_t a = found.number(0), b = found.number(1);
  return sizeSentences("height or width", std::max(a, b), std::min(a, b), additionNamed(runningNode(found.text).name));
}

Sentences cudaProviderSizes(const Found& found) {
  const std::vector<std::int64_t> left = numbersIn(found.hole(1)), right = numbersIn(found.hole(2));
  const std::int64_t dimension = found.number(0);
  if (dimension < 0 || left.size() != right.size() || dimension >= static_cast<std::int64_t>(left.size())) return {};
  const auto at = static_cast<std::size_t>(dimension);
  const std::string_view side = left.size() == 4 ? sideOfDimension(found.hole(0)) : "height or width";
  return sizeSentences(side, std::max(left[at], right[at]), std::min(left[at], right[at]),
                       additionNamed(runningNode(found.text).name));
}

Sentences sideNotMultiple(const Found& found) {
  const std::int64_t side = found.number(0);
  if (side < 1 || side > kLargestLength) return {};
  const Size square{side, side};
  const MeetingMaps maps = meetingMaps(side);
  const Suggestions near = suggestSizes(square);
  const std::string arithmetic = fmt::format("{} = {} × 32 + {}.", side, side / kSizeMultiple, side % kSizeMultiple);
  const std::string advice = fmt::format(" Use {} or {}.", near.below.height, near.above.height);
  if (maps.outcome != MeetingMaps::Outcome::kFails) return {arithmetic + advice};
  const Addition& layer = kAdditions[maps.addition];
  return {fmt::format("{} {} gives {} where {} has {}.{}", arithmetic, layer.upsampled, maps.upsampled, layer.lateral,
                      maps.lateral, advice)};
}

Sentences fixedSize(const Found& found) {
  Size got, expected;
  for (const WrongDimension& each : wrongDimensions(found)) {
    if (each.index == 2) got.height = each.got, expected.height = each.expected;
    if (each.index == 3) got.width = each.got, expected.width = each.expected;
  }
  Sentences sentences;
  if (got.height > 0)
    sentences.push_back(fmt::format("The file has height {}, the input {}.", expected.height, got.height));
  if (got.width > 0)
    sentences.push_back(fmt::format("The file has width {}, the input {}.", expected.width, got.width));
  if (got.height > 0 && got.width > 0) sentences.push_back(verdictOn(got));
  return sentences;
}

Sentences channelCount(const Found& found) {
  for (const WrongDimension& each : wrongDimensions(found)) {
    if (each.index != 1) continue;
    if (each.got > 4) {
      return {
          fmt::format("Dimension 1 should hold {} channels and holds {}, which is a height.", each.expected, each.got)};
    }
    return {fmt::format("Dimension 1 should be {} and is {}.", each.expected, each.got)};
  }
  return {};
}

Sentences convolutionChannels(const Found& found) {
  const std::vector<std::int64_t> shape = numbersIn(found.hole(0));
  if (found.number(2) > 4 && !shape.empty() && shape.back() == found.number(1)) {
    return {fmt::format("The input's last dimension is {}: these are the channels, and they belong behind the batch.",
                        shape.back())};
  }
  return {fmt::format("The input has {} channels, the first convolution takes {}.", found.number(2), found.number(1))};
}

Sentences bufferLength(const Found& found) {
  const std::int64_t a = found.number(0), b = found.number(1);
  Sentences sentences{fmt::format("{} are needed, {} were given.", a, b)};
  if (a > 0 && a % 3 == 0) {
    sentences.push_back(
        fmt::format("{} = 3 × {}, or 4 bytes × 3 × {}.", a, a / 3, fmt::format("{:g}", static_cast<double>(a) / 12)));
  }
  return sentences;
}

Sentences firstByte(const Found& found) {
  struct Start {
    std::string_view key, meaning;
  };
  static constexpr Start kStarts[] = {
      {"<", "an HTML page (<!DOCTYPE html>), saved instead of the download"},
      {"v", "a Git LFS pointer (\"version https://git-lfs…\"): run `git lfs pull`"},
      {"\\x1f", "a gzip archive: unpack it first"},
      {"{", "a JSON text"},
      {"\\x08", "an ONNX model, not a checkpoint"},
      {"7", "a 7-Zip archive: unpack it first"},
      {"r", "a RAR archive: unpack it first"},
  };
  const std::string_view rest = found.rest();
  const std::string_view key = rest.substr(0, rest.find('\''));
  for (const Start& start : kStarts) {
    if (key == start.key) return {fmt::format("The first byte is {}: {}.", key, start.meaning)};
  }
  return {"A checkpoint starts with PK or \\x80; a safetensors file starts with a number of eight bytes."};
}

Sentences missingKeys(const Found& found) {
  const std::string_view text = found.text.text;
  static constexpr std::string_view kPrefixes[] = {"'model.module.", "'module.", "'detector.", "'model."};
  for (std::string_view prefix : kPrefixes) {
    if (text.find(prefix, found.match.whole.begin) == std::string_view::npos) continue;
    return {fmt::format("Names in the text start with `{}`, the prefix of a trainer.", prefix.substr(1))};
  }
  return {};
}

Sentences memoryRequest(const Found& found) {
  const std::int64_t bytes = found.number(0);
  if (bytes < 0) return {};
  return {fmt::format("One map of {:.1f} MB was asked for, on top of what was taken already.",
                      static_cast<double>(bytes) / 1e6)};
}

Sentences newerVersion(const Found& found) {
  return {
      fmt::format("The file has version {}; ocrdet writes opset 11 to 17 and IR version 8 at most.", found.hole(0))};
}

}  // namespace ocrdet
