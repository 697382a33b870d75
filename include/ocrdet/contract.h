// The size contract: which input sizes the network accepts, and what to use instead.
//
// The encoder halves the picture five times and the decoder doubles its way back, adding maps of neighbouring levels.
// They meet only if every halving was exact, so height and width must each be a multiple of 32:
//
//   Verdict verdict = checkSize({.size = {819, 819}});
//   verdict.valid()               // false: two findings, one a side, each with the arithmetic
//   verdict.suggestions->closest  // {832, 832}
//
// The command line, the server, the page and the library all ask checkSize. Sizes are always height first. Pure
// functions, safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ocrdet/error.h"

#pragma GCC visibility push(default)  // what libocrdet.so shows
namespace ocrdet {

struct Size {
  std::int64_t height = 0;
  std::int64_t width = 0;

  bool operator==(const Size&) const = default;
};

// "800x600", height first.
std::string toText(Size size);

inline constexpr std::int64_t kSizeMultiple = 32;
inline constexpr std::int64_t kLargestRatio = 4;  // of the longer side to the shorter
inline constexpr int kSmallestOpset = 11, kLargestOpset = 17, kSmallestInt8Opset = 13, kDefaultOpset = 12;
inline constexpr int kLargestBatch = 64;

struct SideRange {
  std::int64_t smallest;
  std::int64_t largest;

  constexpr bool contains(std::int64_t side) const { return smallest <= side && side <= largest; }
};
inline constexpr SideRange kUsualSides{320, 1536};
inline constexpr SideRange kPossibleSides{32, 8192};  // what --allow size.out-of-range opens

// Two whole numbers, height first, between them `x`, `X`, `×`, `*`, `,` or spaces. Throws, for all that is wrong at
// once: size.not-positive (zero, negative, not whole), size.out-of-range (more digits than any picture), usage.option
// (anything that is not two numbers).
Size parseSize(std::string_view text);

enum class Level { kError, kWarning, kNote };
std::string_view name(Level level);  // "error", "warning", "note"

enum class Precision { kFloat32, kFloat16, kInt8 };
// "fp32", "fp16", "int8". Throws usage.option.
Precision parsePrecision(std::string_view text);

// Where an exported file is to run.
struct Target {
  const char* name;
  bool needs_fixed_sizes;
  const char* full_name;
};
// Throws usage.option, naming the closest target that is known.
const Target& targetNamed(std::string_view name);

struct Finding {
  const ErrorCode* code = nullptr;
  Level level = Level::kError;
  std::string message;          // what happened, with the numbers
  std::string advice;           // what to do
  std::vector<Detail> details;  // the numbers again, named
};

struct SizeQuestion {
  Size size;
  bool any_size = false;  // the file pads and crops inside, so that any size from 32 up is exact
  bool dynamic = false;   // free axes
  int batch = 1;
  std::optional<int> opset = {};  // absent: nothing is exported
  Precision precision = Precision::kFloat32;
  const Target* target = nullptr;
  std::vector<std::string> allowed = {};  // codes whose errors become warnings: "size.out-of-range"
  std::vector<Size> trained_sizes = {{640, 640}, {800, 800}};
  // Bytes. The rules about memory hold their peace about what is absent.
  std::optional<std::int64_t> predicted_memory = {}, available_memory = {}, memory_limit = {};
};

struct Suggestions {
  Size below;    // each side to the next lower multiple of 32
  Size above;    // each side to the next higher
  Size closest;  // smallest (ln h'/h)² + (ln w'/w)² with a ratio up to 4; ties: smaller area, then smaller height
};

struct Verdict {
  Size size;
  std::vector<Finding> findings;           // errors first, then warnings, notes; in the order of the rules
  std::optional<Suggestions> suggestions;  // when the size itself has an error or a warning
  std::string pytorch_message;             // what PyTorch says of this size without padding; empty when it runs

  bool valid() const;  // no errors
  std::vector<std::string> codes() const;
};

// Every rule is tried. Throws usage.option only for a code in `allowed` that cannot be allowed.
Verdict checkSize(const SizeQuestion& question);
// Throws an Error that holds every finding of level kError.
void throwIfInvalid(const Verdict& verdict);

enum class Rounding { kClosest, kUp, kDown };
// "closest", "up", "down". Throws usage.option.
Rounding parseRounding(std::string_view text);
// A valid size in `range`; never fails: sides beyond the range are moved into it.
Size roundSize(Size size, Rounding rounding, SideRange range = kUsualSides);
Suggestions suggestSizes(Size size, SideRange range = kUsualSides);
// What `--round` does: the valid size to use instead; nothing when the size itself breaks no rule and can stay.
std::optional<Size> replacementSize(const SizeQuestion& question, Rounding rounding);

// One of the decoder's three additions, in the order in which they run.
struct Addition {
  const char* upsampled;  // "decoder.up5", whose output is twice its input
  const char* lateral;    // "decoder.in4", as large as the encoder's map
  const char* onnx_name;  // what torch.onnx.export calls it
  std::int64_t stride;    // input pixels to one pixel of the lateral map
};
inline constexpr std::array<Addition, 3> kAdditions{{{"decoder.up5", "decoder.in4", "/decoder/Add", 16},
                                                     {"decoder.up4", "decoder.in3", "/decoder/Add_1", 8},
                                                     {"decoder.up3", "decoder.in2", "/decoder/Add_2", 4}}};

// What PyTorch makes of one side of the input.
struct MeetingMaps {
  enum class Outcome { kRuns, kRunsSilentlyWrong, kFails };

  Outcome outcome = Outcome::kRuns;
  std::int64_t output = 0;  // length of the output, unless it fails; differs from the input if silently wrong
  // If it fails: the index of the addition in kAdditions, and the two lengths that meet there.
  std::size_t addition = 0;
  std::int64_t upsampled = 0;
  std::int64_t lateral = 0;
};
// `side` must be at least 1. The sides of a picture do not influence each other.
MeetingMaps meetingMaps(std::int64_t side);

// Where PyTorch stops for a whole size, and the dimension (2 height, 3 width) that its message names: the earlier
// addition counts, and of one addition the width. Nothing when it runs. Both sides must be at least 1.
struct PyTorchFailure {
  int dimension;
  MeetingMaps maps;
};
std::optional<PyTorchFailure> pyTorchFailure(Size size);
// "The size of tensor a (42) must match the size of tensor b (41) at non-singleton dimension 2"
std::string pyTorchMessage(const PyTorchFailure& failure);

}  // namespace ocrdet
#pragma GCC visibility pop
