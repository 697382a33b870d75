#include "eval/evaluation.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/cancellation.h"
#include "base/ordered_parallel.h"
#include "image/decode.h"

namespace ocrdet {
namespace {

std::vector<Polygon> shapesOf(const std::vector<TextBox>& boxes) {
  std::vector<Polygon> shapes;
  for (const TextBox& box : boxes) shapes.push_back(box.points);
  return shapes;
}

// The rows of a grid without figures.
std::vector<SweepRow> rowsOf(const SweepGrid& grid) {
  std::vector<SweepRow> rows;
  for (const double pixel : grid.pixel_thresholds)
    for (const double unclip : grid.unclip_ratios)
      for (const double box : grid.box_thresholds) rows.push_back({pixel, box, unclip, {}});
  return rows;
}

// One picture at every row. A lower box threshold gives other boxes, not only more: joined texts are taken apart below
// it.
std::vector<ImageScore> scoresAtRows(const Detection& detection, const std::vector<TruthShape>& truth,
                                     const EvaluationOptions& options) {
  std::vector<ImageScore> scores;
  for (const SweepRow& row : rowsOf(options.grid)) {
    const std::vector<TextBox> found = boxesFromMap(
        detection, {row.pixel_threshold, row.box_threshold, row.unclip_ratio, options.detector.compatibility,
                    options.detector.polygons, options.detector.score_contour, options.detector.growth});
    scores.push_back(scoreImage(truth, shapesOf(found), options.rules));
  }
  return scores;
}

struct Outcome {
  EvaluatedImage image;
  std::optional<Problem> problem;
  std::vector<ImageScore> at_rows;  // empty without a sweep
};

Outcome evaluateOne(const Detector& detector, EvaluatedImage image, const EvaluationOptions& options) {
  throwIfInterrupted();
  Outcome outcome{std::move(image), {}, {}};
  const TruthImage& files = outcome.image.files;
  const std::vector<TruthShape> truth = shapesOf(outcome.image.truth);
  try {
    const Image picture = readImage(files.image, {.max_pixels = options.detector.max_pixels, .page = 0});
    outcome.image.detection = detector.detect({picture.bgr.data(), picture.height, picture.width, 0, PixelOrder::kBgr});
    outcome.image.score = scoreImage(truth, shapesOf(outcome.image.detection.boxes), options.rules);
    if (options.sweep) outcome.at_rows = scoresAtRows(outcome.image.detection, truth, options);
    std::vector<float>().swap(outcome.image.detection.map);
    if (options.with_picture) options.with_picture(outcome.image, picture);
  } catch (const Error& error) {
    if (error.exitStatus() != ExitStatus::kInput) throw;
    outcome.problem = error.problems().front();
    outcome.image.score = scoreImage(truth, {}, options.rules);
    if (options.sweep) outcome.at_rows.assign(rowsOf(options.grid).size(), outcome.image.score);
  }
  return outcome;
}

}  // namespace

SweepGrid gridFor(Growth growth) {
  SweepGrid grid;
  if (growth == Growth::kInvertShrink) grid.unclip_ratios = {0.5, 0.6, 0.7, 0.84, 0.9};
  return grid;
}

Fates fatesOf(const EvaluatedImage& image) {
  return fatesOf(shapesOf(image.truth), shapesOf(image.detection.boxes), image.score);
}

Evaluation evaluate(const std::filesystem::path& model, std::span<const TruthImage> images,
                    const EvaluationOptions& options) {
  std::vector<std::vector<TruthLine>> truths = readTruths(images);
  DetectorOptions detector_options = options.detector;
  detector_options.keep_map = options.sweep;
  const Detector detector = Detector::open(model, detector_options);
  Evaluation evaluation;
  evaluation.settings = detector.description();
  if (options.sweep) evaluation.sweep = rowsOf(options.grid);
  SetScorer total;
  std::vector<SetScorer> totals_of_rows(evaluation.sweep.size());

  const auto work = [&](std::size_t i) {
    return evaluateOne(detector, {i + 1, images[i], std::move(truths[i]), {}, {}}, options);
  };
  orderedParallel(images.size(), detector_options.images_at_a_time, work, [&](std::size_t, Outcome&& outcome) {
    total.add(outcome.image.score);
    for (std::size_t row = 0; row < outcome.at_rows.size(); ++row) totals_of_rows[row].add(outcome.at_rows[row]);
    if (outcome.problem)
      evaluation.failures.push_back({outcome.image.files, *outcome.problem});
    else
      evaluation.images.push_back(std::move(outcome.image));
    if (options.after_each) options.after_each();
  });

  evaluation.score = total.score();
  for (std::size_t row = 0; row < totals_of_rows.size(); ++row)
    evaluation.sweep[row].score = totals_of_rows[row].score();
  std::stable_sort(evaluation.sweep.begin(), evaluation.sweep.end(),
                   [](const SweepRow& a, const SweepRow& b) { return a.score.hmean > b.score.hmean; });
  return evaluation;
}

}  // namespace ocrdet
