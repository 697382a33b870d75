#include "eval/evaluation_json.h"

#include "detect/detection_json.h"

namespace ocrdet {
namespace {

Json toJson(const EvaluatedImage& image) {
  const ImageScore& score = image.score;
  return {{"image_path", image.files.image.string()},
          {"precision", score.precision},
          {"recall", score.recall},
          {"hmean", score.hmean},
          {"matched", score.pairs.size()},
          {"truth_cared", score.truth_cared},
          {"found_cared", score.found_cared},
          {"truth_ignored", score.truth_ignored},
          {"found_excluded", score.found_excluded},
          {"pairs", score.pairs},
          {"detection", ocrdet::toJson(image.detection, PictureName{image.files.image.string()})}};
}

}  // namespace

Json toJson(const SetScore& score) {
  return {{"precision", score.precision}, {"recall", score.recall},           {"hmean", score.hmean},
          {"matched", score.matched},     {"truth_cared", score.truth_cared}, {"found_cared", score.found_cared}};
}

Json toJson(const Evaluation& evaluation) {
  Json json = toJson(evaluation.score);
  Json images = Json::array(), failures = Json::array(), sweep = Json::array();
  for (const EvaluatedImage& image : evaluation.images) images.push_back(toJson(image));
  for (const ImageFailure& failure : evaluation.failures)
    failures.push_back({{"image_path", failure.files.image.string()}, {"error", toJson(failure.problem)}});
  for (const SweepRow& row : evaluation.sweep) {
    sweep.push_back({{"pixel_threshold", row.pixel_threshold},
                     {"box_threshold", row.box_threshold},
                     {"unclip_ratio", row.unclip_ratio}});
    sweep.back().update(toJson(row.score));
  }
  json["success"] = evaluation.failures.empty();
  json["images"] = std::move(images);
  json["failures"] = std::move(failures);
  if (!sweep.empty()) json["sweep"] = std::move(sweep);
  return json;
}

}  // namespace ocrdet
