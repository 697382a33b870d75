#include "eval/evaluation_json.h"

#include "detect/detection_json.h"

namespace ocrdet {

Json toJson(const SetScore& score) {
  return {{"precision", score.precision},
          {"recall", score.recall},
          {"hmean", score.hmean},
          {"matched", score.matched},
          {"truth_cared", score.truth_cared},
          {"found_cared", score.found_cared},
          {"truth_unusable", score.truth_unusable}};
}

Json toJson(const SweepRow& row) {
  Json json{{"pixel_threshold", row.pixel_threshold},
            {"box_threshold", row.box_threshold},
            {"unclip_ratio", row.unclip_ratio}};
  json.update(toJson(row.score));
  return json;
}

Json toJson(const EvaluatedImage& image) {
  const ImageScore& score = image.score;
  return {{"image_path", image.files.image.string()},
          {"precision", score.precision},
          {"recall", score.recall},
          {"hmean", score.hmean},
          {"matched", score.pairs.size()},
          {"truth_cared", score.truth_cared},
          {"found_cared", score.found_cared},
          {"truth_unusable", score.truth_unusable},
          {"truth_ignored", score.truth_ignored},
          {"found_unusable", score.found_unusable},
          {"found_excluded", score.found_excluded},
          {"pairs", score.pairs},
          {"detection", toJson(image.detection, {.image_path = image.files.image.string()})}};
}

Json toJson(const ImageFailure& failure) {
  return {{"image_path", failure.files.image.string()}, {"error", toJson(failure.problem)}};
}

Json toJson(const Evaluation& evaluation) {
  Json json = toJson(evaluation.score);
  json["success"] = evaluation.failures.empty();
  json["settings"] = evaluation.settings;
  json["images"] = Json::array();
  json["failures"] = Json::array();
  for (const EvaluatedImage& image : evaluation.images) json["images"].push_back(toJson(image));
  for (const ImageFailure& failure : evaluation.failures) json["failures"].push_back(toJson(failure));
  for (const SweepRow& row : evaluation.sweep) json["sweep"].push_back(toJson(row));
  return json;
}

}  // namespace ocrdet
