// The rules of the size contract, one row each.
//
// checkSize walks kRules from top to bottom, so that a user sees every broken rule at once. A rule returns what it
// found, nothing when it holds; the table says which code that is and how grave.

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/byte_count.h"
#include "ocrdet/contract.h"

namespace ocrdet {
namespace {

struct Words {
  std::string message;
  std::string advice;
  std::vector<Detail> details;
};

struct Side {
  const char* name;
  std::int64_t length;
};

std::array<Side, 2> sides(Size size) {
  return {Side{"height", size.height}, Side{"width", size.width}};
}

bool isAllowed(const SizeQuestion& question, const ErrorCode& code) {
  return std::count(question.allowed.begin(), question.allowed.end(), code.name) > 0;
}

SideRange rangeOf(const SizeQuestion& question) {
  return isAllowed(question, codes::kSizeOutOfRange) ? kPossibleSides : kUsualSides;
}

std::vector<Words> notPositive(const SizeQuestion& question) {
  std::vector<Words> found;
  for (const Side& side : sides(question.size)) {
    if (side.length > 0) continue;
    found.push_back(
        {fmt::format("{} {} is not above zero.", side.name, side.length),
         fmt::format("Use a multiple of {} from {} to {}.", kSizeMultiple, kUsualSides.smallest, kUsualSides.largest),
         {{"side", side.name}, {"length", side.length}}});
  }
  return found;
}

// "410, 205, 103, 52, 26": the lengths of the encoder's maps.
std::string halvings(std::int64_t length) {
  std::string text;
  for (int step = 0; step < 5; ++step) {
    length = length / 2 + length % 2;
    text += fmt::format("{}{}", step == 0 ? "" : ", ", length);
  }
  return text;
}

std::string whatWouldHappen(const Side& side, const MeetingMaps& maps) {
  if (maps.outcome == MeetingMaps::Outcome::kRunsSilentlyWrong) {
    return fmt::format(
        "the network would run without an error, but answer with a map of {} {}, {} more than the input, "
        "and boxes would be shifted",
        side.name, maps.output, maps.output - side.length);
  }
  const Addition& addition = kAdditions[maps.addition];
  return fmt::format(
      "the encoder halves it to {}, and on the way back {} gives {} where {}, at 1/{} of the input, has {}",
      halvings(side.length), addition.upsampled, maps.upsampled, addition.lateral, addition.stride, maps.lateral);
}

// "Use 832, the closest, or 800; or export with --any-size."
std::string nearMultiples(std::int64_t length, SideRange range) {
  const Size square{length, length};
  const std::int64_t below = roundSize(square, Rounding::kDown, range).height;
  const std::int64_t above = roundSize(square, Rounding::kUp, range).height;
  if (below == above) return fmt::format("Use {}, the {}.", below, below == range.smallest ? "smallest" : "largest");
  const std::int64_t closest = roundSize(square, Rounding::kClosest, range).height;
  return fmt::format("Use {}, the closest, or {}; or export with --any-size.", closest,
                     closest == below ? above : below);
}

std::vector<Words> notMultiple(const SizeQuestion& question) {
  std::vector<Words> found;
  if (question.any_size) return found;
  for (const Side& side : sides(question.size)) {
    const std::int64_t quotient = side.length / kSizeMultiple, remainder = side.length % kSizeMultiple;
    if (side.length <= 0 || remainder == 0) continue;
    const MeetingMaps maps = meetingMaps(side.length);
    Words words{fmt::format("{} {} is not a multiple of {} ({} × {} + {}): {}.", side.name, side.length, kSizeMultiple,
                            quotient, kSizeMultiple, remainder, whatWouldHappen(side, maps)),
                nearMultiples(side.length, rangeOf(question)),
                {{"side", side.name}, {"length", side.length}, {"quotient", quotient}, {"remainder", remainder}}};
    if (maps.outcome == MeetingMaps::Outcome::kFails) {
      const Addition& addition = kAdditions[maps.addition];
      words.details.insert(words.details.end(), {{"outcome", "fails"},
                                                 {"upsampled_layer", addition.upsampled},
                                                 {"upsampled_length", maps.upsampled},
                                                 {"lateral_layer", addition.lateral},
                                                 {"lateral_length", maps.lateral},
                                                 {"stride", addition.stride}});
    } else {
      words.details.insert(words.details.end(), {{"outcome", "silently wrong"}, {"output_length", maps.output}});
    }
    found.push_back(std::move(words));
  }
  return found;
}

Words outsideWords(const Side& side, SideRange range, std::string advice) {
  const bool below = side.length < range.smallest;
  return {fmt::format("{} {} is {} the {}, {}.", side.name, side.length, below ? "below" : "above",
                      below ? "smallest" : "largest", below ? range.smallest : range.largest),
          std::move(advice),
          {{"side", side.name}, {"length", side.length}, {"smallest", range.smallest}, {"largest", range.largest}}};
}

std::vector<Words> outsidePossible(const SizeQuestion& question) {
  std::vector<Words> found;
  for (const Side& side : sides(question.size)) {
    if (side.length <= 0 || kPossibleSides.contains(side.length)) continue;
    found.push_back(
        outsideWords(side, kPossibleSides, fmt::format("Use {} to {}.", kUsualSides.smallest, kUsualSides.largest)));
  }
  return found;
}

std::vector<Words> outsideUsual(const SizeQuestion& question, bool allowed) {
  std::vector<Words> found;
  if (isAllowed(question, codes::kSizeOutOfRange) != allowed) return found;
  for (const Side& side : sides(question.size)) {
    if (!kPossibleSides.contains(side.length) || kUsualSides.contains(side.length)) continue;
    std::string advice =
        allowed ? "Allowed as asked; look at the boxes and at the memory before relying on it."
                : fmt::format("Use {} to {}; --allow size.out-of-range opens {} to {}.", kUsualSides.smallest,
                              kUsualSides.largest, kPossibleSides.smallest, kPossibleSides.largest);
    found.push_back(outsideWords(side, kUsualSides, std::move(advice)));
  }
  return found;
}

std::vector<Words> extremeRatio(const SizeQuestion& question) {
  const auto [shorter, longer] = std::minmax(question.size.height, question.size.width);
  // Divided instead of multiplied: the sides may be any number.
  const bool extreme =
      longer / kLargestRatio > shorter || (longer / kLargestRatio == shorter && longer % kLargestRatio > 0);
  if (shorter <= 0 || !extreme) return {};
  const double ratio = static_cast<double>(longer) / static_cast<double>(shorter);
  const Size better = roundSize(question.size, Rounding::kClosest, rangeOf(question));
  return {{fmt::format("{} is {:.1f} to 1, beyond {} to 1.", toText(question.size), ratio, kLargestRatio),
           fmt::format("Use {}, or cut the picture into tiles.", toText(better)),
           {{"ratio", ratio}, {"largest_ratio", kLargestRatio}}}};
}

std::vector<Words> predictedAboveLimit(const SizeQuestion& question) {
  if (!question.predicted_memory || !question.memory_limit) return {};
  if (*question.predicted_memory <= *question.memory_limit) return {};
  return {{fmt::format("The run is predicted to need {}, more than --max-memory {}.",
                       byteCount(*question.predicted_memory), byteCount(*question.memory_limit)),
           "Use a smaller size or batch, or raise the limit.",
           {{"predicted_bytes", *question.predicted_memory}, {"limit_bytes", *question.memory_limit}}}};
}

std::vector<Words> predictedAboveAvailable(const SizeQuestion& question) {
  if (!question.predicted_memory || !question.available_memory) return {};
  if (*question.predicted_memory <= *question.available_memory / 5 * 4) return {};
  return {{fmt::format("The run is predicted to need {}, more than 80 % of the {} that are available.",
                       byteCount(*question.predicted_memory), byteCount(*question.available_memory)),
           "Use a smaller size or batch, or free memory.",
           {{"predicted_bytes", *question.predicted_memory}, {"available_bytes", *question.available_memory}}}};
}

std::vector<Words> batchOutside(const SizeQuestion& question) {
  if (question.batch >= 1 && question.batch <= kLargestBatch) return {};
  return {{fmt::format("batch {} is not between 1 and {}.", question.batch, kLargestBatch),
           "More pictures at once are no faster on a processor; 1 to 8 is usual.",
           {{"batch", question.batch}}}};
}

std::vector<Words> opsetOutside(const SizeQuestion& question) {
  if (!question.opset || (kSmallestOpset <= *question.opset && *question.opset <= kLargestOpset)) return {};
  const int usual = question.precision == Precision::kInt8 ? kSmallestInt8Opset : kDefaultOpset;
  return {{fmt::format("opset {} is not between {} and {}.", *question.opset, kSmallestOpset, kLargestOpset),
           fmt::format("Use --opset {}, which every current runtime reads.", usual),
           {{"opset", *question.opset}}}};
}

std::vector<Words> opsetTooOldForInt8(const SizeQuestion& question) {
  if (!question.opset || question.precision != Precision::kInt8 || *question.opset >= kSmallestInt8Opset) return {};
  return {{fmt::format("int8 needs opset {} or higher: opset {} has no scale per channel.", kSmallestInt8Opset,
                       *question.opset),
           fmt::format("Use --opset {}.", kSmallestInt8Opset),
           {{"opset", *question.opset}}}};
}

std::vector<Words> untrained(const SizeQuestion& question) {
  const auto& trained = question.trained_sizes;
  if (trained.empty() || std::count(trained.begin(), trained.end(), question.size) > 0) return {};
  std::string list;
  for (std::size_t i = 0; i < trained.size(); ++i) {
    list += (i == 0 ? "" : i + 1 == trained.size() ? " and " : ", ") + toText(trained[i]);
  }
  return {{fmt::format("Most weights were trained at {}, not at {}.", list, toText(question.size)),
           "Other sizes work; compare the boxes with one of these when in doubt.",
           {}}};
}

std::vector<Words> targetNeedsFixed(const SizeQuestion& question) {
  if (!question.dynamic || question.target == nullptr || !question.target->needs_fixed_sizes) return {};
  return {{fmt::format("{} works with fixed sizes, and the axes are to be free.", question.target->full_name),
           fmt::format("Export for {} without --dynamic.", question.target->name),
           {{"target", question.target->name}}}};
}

struct Rule {
  const ErrorCode* code;
  Level level;
  std::function<std::vector<Words>(const SizeQuestion&)> find;
};

const std::vector<Rule>& rules() {
  static const std::vector<Rule> kRules = {
      {&codes::kSizeNotPositive, Level::kError, notPositive},
      {&codes::kSizeNotMultipleOf32, Level::kError, notMultiple},
      {&codes::kSizeOutOfRange, Level::kError, outsidePossible},
      {&codes::kSizeOutOfRange, Level::kError, [](const auto& question) { return outsideUsual(question, false); }},
      {&codes::kMemoryExceedsLimit, Level::kError, predictedAboveLimit},
      {&codes::kBatchOutOfRange, Level::kError, batchOutside},
      {&codes::kOpsetUnsupported, Level::kError, opsetOutside},
      {&codes::kOpsetInt8Needs13, Level::kError, opsetTooOldForInt8},
      {&codes::kSizeOutOfRange, Level::kWarning, [](const auto& question) { return outsideUsual(question, true); }},
      {&codes::kSizeExtremeRatio, Level::kWarning, extremeRatio},
      {&codes::kMemoryExceedsAvailable, Level::kWarning, predictedAboveAvailable},
      {&codes::kSizeUntrained, Level::kNote, untrained},
      {&codes::kRuntimeDynamicUnsupported, Level::kNote, targetNeedsFixed},
  };
  return kRules;
}

void refuseUnknownAllowances(const SizeQuestion& question) {
  for (const std::string& code : question.allowed) {
    if (code == codes::kSizeOutOfRange.name) continue;
    throw Error(Problem{&codes::kUsageOption,
                        fmt::format("\"{}\" cannot be allowed.", code.substr(0, 60)),
                        fmt::format("--allow knows {} alone.", codes::kSizeOutOfRange.name),
                        {{"given", code.substr(0, 60)}},
                        ""});
  }
}

bool isAboutSize(const Finding& finding) {
  return finding.level != Level::kNote && std::string_view(finding.code->name).starts_with("size.");
}

bool breaksSize(const Finding& finding) {
  return finding.level == Level::kError && isAboutSize(finding);
}

}  // namespace

bool Verdict::valid() const {
  return std::none_of(findings.begin(), findings.end(), [](const Finding& f) { return f.level == Level::kError; });
}

std::vector<std::string> Verdict::codes() const {
  std::vector<std::string> names;
  for (const Finding& finding : findings) names.emplace_back(finding.code->name);
  return names;
}

Verdict checkSize(const SizeQuestion& question) {
  refuseUnknownAllowances(question);
  Verdict verdict;
  verdict.size = question.size;
  bool size_is_broken = false;
  for (const Rule& rule : rules()) {
    // What the weights were trained with does not matter for a size that cannot be used.
    if (rule.code == &codes::kSizeUntrained && size_is_broken) continue;
    for (Words& words : rule.find(question)) {
      verdict.findings.push_back(
          {rule.code, rule.level, std::move(words.message), std::move(words.advice), std::move(words.details)});
      size_is_broken = size_is_broken || breaksSize(verdict.findings.back());
    }
  }
  if (std::any_of(verdict.findings.begin(), verdict.findings.end(), isAboutSize)) {
    verdict.suggestions = suggestSizes(question.size, rangeOf(question));
  }
  if (question.any_size || question.size.height < 1 || question.size.width < 1) return verdict;
  if (const auto failure = pyTorchFailure(question.size)) verdict.pytorch_message = pyTorchMessage(*failure);
  return verdict;
}

std::optional<Size> replacementSize(const SizeQuestion& question, Rounding rounding) {
  const Verdict verdict = checkSize(question);
  if (std::none_of(verdict.findings.begin(), verdict.findings.end(), breaksSize)) return std::nullopt;
  return roundSize(question.size, rounding, rangeOf(question));
}

void throwIfInvalid(const Verdict& verdict) {
  std::vector<Problem> problems;
  for (const Finding& finding : verdict.findings) {
    if (finding.level != Level::kError) continue;
    problems.push_back({finding.code, finding.message, finding.advice, finding.details, ""});
  }
  if (!problems.empty()) throw Error(std::move(problems));
}

}  // namespace ocrdet
