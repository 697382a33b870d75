#include "synth/write_set.h"

#include <fmt/format.h>

#include "base/cancellation.h"
#include "base/ordered_parallel.h"
#include "base/processors.h"
#include "base/stopwatch.h"
#include "dataset/set_writer.h"
#include "image/encode.h"

namespace ocrdet {
namespace {

struct DrawnPicture {
  std::string name, jpeg;
  std::vector<TruthLine> truth;
  double seconds = 0;
};

}  // namespace

SynthSetResult writeSynthSet(const std::filesystem::path& folder, const SynthSetOptions& options) {
  const Stopwatch whole;
  SynthSetResult result;
  SetWriter writer(folder);
  const int threads = options.threads > 0 ? options.threads : usableProcessors();
  const auto draw = [&](std::size_t i) {
    throwIfInterrupted();
    const Stopwatch drawing;
    SynthImage made = synthesise(options.picture, options.seed, i);
    const double seconds = drawing.seconds();
    return DrawnPicture{fmt::format("{}_{:06}.jpg", name(made.kind), i), encodeJpeg(made.image, options.jpeg_quality),
                        std::move(made.truth), seconds};
  };
  orderedParallel(std::size_t(options.count) + std::size_t(options.test_count), threads, draw,
                  [&](std::size_t i, DrawnPicture&& made) {
                    writer.add(i < std::size_t(options.count) ? "train" : "test", made.name, made.jpeg, made.truth);
                    ++result.images;
                    result.texts += made.truth.size();
                    for (const TruthLine& line : made.truth) result.ignored += line.ignored;
                    result.seconds_of_drawing += made.seconds;
                    if (options.after_each) options.after_each();
                  });
  writer.finish();
  result.seconds = whole.seconds();
  return result;
}

}  // namespace ocrdet
