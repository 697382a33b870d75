// Which two maps meet in the decoder.
//
// Every step of stride 2 rounds half sizes up, so the encoder's maps are ceil(n/4), ceil(n/8), ceil(n/16), ceil(n/32).
// The decoder doubles the smallest and adds it to the next, three times. PyTorch adds equal lengths, and repeats a
// length of 1; anything else fails. The concatenation after that never fails first: its maps agree whenever the
// additions did.

#include <fmt/format.h>

#include <cassert>
#include <limits>

#include "ocrdet/contract.h"

namespace ocrdet {
namespace {

std::int64_t halfRoundedUp(std::int64_t length) {
  return length / 2 + length % 2;
}

}  // namespace

MeetingMaps meetingMaps(std::int64_t side) {
  assert(side >= 1);
  const std::int64_t c2 = halfRoundedUp(halfRoundedUp(side));
  const std::int64_t c3 = halfRoundedUp(c2);
  const std::int64_t c4 = halfRoundedUp(c3);
  const std::int64_t c5 = halfRoundedUp(c4);
  const std::array<std::int64_t, 3> laterals{c4, c3, c2};

  MeetingMaps result;
  std::int64_t merged = c5;
  for (std::size_t i = 0; i < kAdditions.size(); ++i) {
    const std::int64_t upsampled = 2 * merged;
    if (upsampled != laterals[i] && laterals[i] != 1) {
      return {MeetingMaps::Outcome::kFails, 0, i, upsampled, laterals[i]};
    }
    merged = upsampled;
  }
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
  result.output = merged > kLargest / 4 ? kLargest : 4 * merged;
  result.outcome = result.output == side ? MeetingMaps::Outcome::kRuns : MeetingMaps::Outcome::kRunsSilentlyWrong;
  return result;
}

std::optional<PyTorchFailure> pyTorchFailure(Size size) {
  const MeetingMaps height = meetingMaps(size.height), width = meetingMaps(size.width);
  const bool height_fails = height.outcome == MeetingMaps::Outcome::kFails;
  const bool width_fails = width.outcome == MeetingMaps::Outcome::kFails;
  // PyTorch compares dimensions from the last to the first.
  if (width_fails && (!height_fails || width.addition <= height.addition)) return PyTorchFailure{3, width};
  if (height_fails) return PyTorchFailure{2, height};
  return std::nullopt;
}

std::string pyTorchMessage(const PyTorchFailure& failure) {
  return fmt::format("The size of tensor a ({}) must match the size of tensor b ({}) at non-singleton dimension {}",
                     failure.maps.upsampled, failure.maps.lateral, failure.dimension);
}

}  // namespace ocrdet
