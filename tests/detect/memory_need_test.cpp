#include "detect/memory_need.h"

#include <gmock/gmock.h>

#include "contract/file_contract.h"
#include "detect/tiny_network.h"
#include "export/memory_forecast.h"

namespace ocrdet {
namespace {

using test::onnxBytes;
using test::TinyNetwork;
using ::testing::HasSubstr;

constexpr std::int64_t kMega = 1'000'000;

struct MemoryCase {
  const char* name;
  bool ours;
  DetectorOptions options;
  std::optional<std::int64_t> available;
  bool too_much;
};

DetectorOptions with(int threads, int images, ResizeMode mode, int length) {
  DetectorOptions options;
  options.threads = threads;
  options.images_at_a_time = images;
  options.resize.mode = mode;
  options.resize.length = length;
  return options;
}

// A long side of 960 means maps of 960×960: some 300 MB by the prediction that docs/memory.md compares with
// measurements.
TEST(MemoryNeed, IsJudgedForTheLargestInputThatTheRuleGives) {
  const auto one = with(4, 1, ResizeMode::kLongSide, 960), four = with(4, 4, ResizeMode::kLongSide, 960);
  const auto strip = with(4, 1, ResizeMode::kShortSide, 736);
  const MemoryCase cases[] = {
      {"plenty", true, one, 8'000 * kMega, false},
      {"enough for one", true, one, 600 * kMega, false},
      {"not enough for four", true, four, 600 * kMega, true},
      {"far too little", true, one, 60 * kMega, true},
      {"736 x 2560 is more than 960 x 960", true, strip, 600 * kMega, true},
      {"others' networks are not known", false, one, 60 * kMega, false},
      {"nobody knows what is free", true, one, std::nullopt, false},
  };
  for (const MemoryCase& c : cases) {
    SCOPED_TRACE(c.name);
    TinyNetwork network;
    if (c.ours) network.metadata = toMetadata(FileContract{});
    const std::string bytes = onnxBytes(network);
    const Session session = Session::fromBytes(std::as_bytes(std::span(bytes)));
    const auto need = tooMuchMemory(session, networkContract(session, c.options), c.options, c.available);
    EXPECT_EQ(need.has_value(), c.too_much);
  }
}

TEST(MemoryNeed, SaysItsNumbers) {
  const std::string text = describe({700 * kMega, 600 * kMega, {736, 2560}, 2});
  EXPECT_THAT(text, HasSubstr("2 pictures of up to 736x2560"));
  EXPECT_THAT(text, HasSubstr("working with less memory"));
}

// The shortcut that spares usual machines the forecast must never be the smaller figure.
TEST(MemoryNeed, ShortcutIsAnUpperBound) {
  for (const auto& [height, width] : {std::pair(320, 320), std::pair(736, 1280), std::pair(736, 2560)}) {
    const MemoryPrediction prediction = forecastMemory({}, height, width, 1);
    EXPECT_LT(prediction.peak_bytes - prediction.loaded_bytes, 1024LL * height * width) << height << 'x' << width;
  }
}

}  // namespace
}  // namespace ocrdet
