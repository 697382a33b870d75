#include "dataset/label.h"

#include <fmt/format.h>

#include <optional>

#include "base/cancellation.h"
#include "base/mapped_file.h"
#include "base/ordered_parallel.h"
#include "dataset/set_writer.h"
#include "dataset/shape.h"

namespace ocrdet {
namespace {

struct Outcome {
  std::vector<TruthLine> truth;
  std::optional<Problem> problem;
};

}  // namespace

LabelResult labelImages(std::span<const std::filesystem::path> images, const std::filesystem::path& out,
                        const DetectFile& detect, const LabelOptions& options) {
  SetWriter writer(out);
  LabelResult result;
  const auto work = [&](std::size_t i) {
    throwIfInterrupted();
    Outcome outcome;
    try {
      for (const TextBox& box : detect(images[i]).boxes)
        if (!isNoShape(box.points)) outcome.truth.push_back({clockwise(box.points), "text", box.score < options.sure});
    } catch (const Error& error) {
      if (error.exitStatus() != ExitStatus::kInput) throw;
      outcome.problem = error.problems().front();
    }
    return outcome;
  };
  orderedParallel(images.size(), options.images_at_a_time, work, [&](std::size_t i, Outcome&& outcome) {
    if (outcome.problem) {
      result.failures.push_back(std::move(*outcome.problem));
    } else {
      writer.add("train", images[i].filename().string(), MappedFile::open(images[i])->bytes(), outcome.truth);
      ++result.images;
      result.texts += outcome.truth.size();
      for (const TruthLine& line : outcome.truth) result.doubtful += line.ignored;
    }
    if (options.after_each) options.after_each();
  });
  if (result.images == 0) throw Error(result.failures);
  writer.finish();
  return result;
}

}  // namespace ocrdet
