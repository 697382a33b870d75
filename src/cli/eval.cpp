// `ocrdet eval`: how good a detector is on pictures with ground truth.

#include <fmt/format.h>

#include <optional>

#include "base/log.h"
#include "base/mapped_file.h"
#include "base/progress.h"
#include "base/sha256.h"
#include "cli/commands.h"
#include "cli/detector_options.h"
#include "cli/number_option.h"
#include "eval/evaluation.h"
#include "eval/evaluation_json.h"
#include "eval/report.h"
#include "ocrdet/error.h"

namespace ocrdet::cli {
namespace {

struct EvalArguments {
  std::filesystem::path dataset;
  std::string split = "test";
  bool sweep = false;
  double iou = 0.5;
  std::filesystem::path report;
};

void printScore(const Console& console, const SetScore& score) {
  console.text(
      fmt::format("precision {:.4f}   recall {:.4f}   hmean {:.4f}", score.precision, score.recall, score.hmean));
  console.text(fmt::format("{} of {} texts found, {} of {} boxes right", score.matched, score.truth_cared,
                           score.matched, score.found_cared));
}

void printSweep(const Console& console, const std::vector<SweepRow>& sweep) {
  constexpr std::size_t kShown = 10;
  console.text(fmt::format("\nthe best {} of {} combinations:", std::min(kShown, sweep.size()), sweep.size()));
  console.text("   hmean  precision  recall    pixel threshold  box threshold  unclip ratio");
  for (std::size_t i = 0; i < std::min(kShown, sweep.size()); ++i) {
    const SweepRow& row = sweep[i];
    console.text(fmt::format("  {:.4f}     {:.4f}  {:.4f}    {:15.2f}  {:13.2f}  {:12.2f}", row.score.hmean,
                             row.score.precision, row.score.recall, row.pixel_threshold, row.box_threshold,
                             row.unclip_ratio));
  }
  const SweepRow& best = sweep.front();
  console.text(fmt::format("\nto use the best: --pixel-threshold {} --box-threshold {} --unclip-ratio {}",
                           best.pixel_threshold, best.box_threshold, best.unclip_ratio));
}

void warnOfUnusableTexts(const SetScore& score) {
  if (score.truth_unusable == 0) return;
  logWarning(
      fmt::format("{} texts count for nothing: their outlines cross themselves or have no area. `ocrdet dataset "
                  "check` names them.",
                  score.truth_unusable));
}

ReportHeading headingOf(const EvalArguments& options, const std::filesystem::path& model) {
  return {options.dataset.string(), options.split, model.string(), sha256(MappedFile::open(model)->bytes()),
          options.iou};
}

ExitStatus run(const EvalArguments& options, const DetectorArguments& arguments, const Console& console) {
  const std::vector<TruthImage> images = findTruth(options.dataset, options.split);
  if (images.empty()) throw holdsNoPictures(options.dataset);
  EvaluationOptions evaluation_options;
  evaluation_options.detector = detectorOptions(arguments, images.size(), console);
  evaluation_options.rules.iou = options.iou;
  evaluation_options.sweep = options.sweep;
  evaluation_options.grid = gridFor(evaluation_options.detector.growth);
  std::optional<ReportWriter> report;
  if (!options.report.empty()) {
    report.emplace(options.report);
    evaluation_options.with_picture = [&](const EvaluatedImage& image, const Image& picture) {
      report->addPicture(image, picture);
    };
  }
  Evaluation evaluation;
  {
    Progress progress("eval", "images", std::int64_t(images.size()));
    evaluation_options.after_each = [&] { progress.advance(); };
    evaluation = evaluate(arguments.model, images, evaluation_options);
  }
  for (const ImageFailure& failure : evaluation.failures)
    if (!console.json) printError(Error(failure.problem), false);
  console.text(fmt::format("{}, {} image{}", options.dataset.string(), images.size(), images.size() == 1 ? "" : "s"));
  printScore(console, evaluation.score);
  warnOfUnusableTexts(evaluation.score);
  if (options.sweep) printSweep(console, evaluation.sweep);
  if (report) {
    const std::filesystem::path page = report->finish(evaluation, headingOf(options, arguments.model));
    console.text(fmt::format("\nreport: {}", page.string()));
  }
  console.document(toJson(evaluation));
  return evaluation.failures.empty() ? ExitStatus::kDone : ExitStatus::kSomeFailed;
}

}  // namespace

void addEval(Commands& commands) {
  auto options = std::make_shared<EvalArguments>();
  auto arguments = std::make_shared<DetectorArguments>();
  CLI::App& command = commands.add(
      "eval", "Measure precision and recall on pictures with ground truth.",
      {"ocrdet eval icdar2015/", "ocrdet eval receipts/ --model model_800x800.onnx --sweep --report report",
       "ocrdet eval signs/ --model ch_PP-OCRv4_det_infer.onnx --resize short:736 --json"},
      [=](const Console& console) { return run(*options, withModel(*arguments), console); });
  command.add_option("DATASET", options->dataset, "Folder of pictures with ground truth (docs/dataset.md)")->required();
  command.add_option("--split", options->split, "test or train")
      ->check(CLI::IsMember({"test", "train"}))
      ->capture_default_str();
  command.add_flag("--sweep", options->sweep, "Also try other thresholds, and print the best");
  command.add_option("--report", options->report, "Folder for a page with every picture, the worst first");
  command.add_option("--iou", options->iou, "A box is right above this overlap")
      ->check(numberFrom(0, 1))
      ->capture_default_str();
  addDetectorOptions(commands, command, arguments);
}

}  // namespace ocrdet::cli
