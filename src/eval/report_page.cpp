#include "eval/report_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <string_view>
#include <tuple>

#include "base/json.h"
#include "eval/report_picture.h"
#include "image/resize.h"
#include "ocrdet/version.h"

namespace ocrdet {

extern const std::span<const std::byte> kReportStyle;   // src/eval/assets/report.css
extern const std::span<const std::byte> kReportScript;  // src/eval/assets/report.js

namespace {

std::string_view textOf(std::span<const std::byte> asset) {
  return {reinterpret_cast<const char*>(asset.data()), asset.size()};
}

std::string percent(double share) {
  return fmt::format("{:.1f} %", 100 * share);
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  return fmt::format("{:04}-{:02}-{:02}", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday);
}

int missesOf(const EvaluatedImage& image) {
  return image.score.truth_cared - int(image.score.pairs.size());
}

int falseAlarmsOf(const EvaluatedImage& image) {
  return image.score.found_cared - int(image.score.pairs.size());
}

std::string figures(const SetScore& score) {
  const auto figure = [](const char* name, double value) {
    return fmt::format("<div><b>{}</b>{}</div>", percent(value), name);
  };
  return "<div class=\"figures\">" + figure("hmean", score.hmean) + figure("precision", score.precision) +
         figure("recall", score.recall) +
         fmt::format("<div><b>{} of {}</b>texts found</div><div><b>{} of {}</b>boxes right</div></div>\n",
                     score.matched, score.truth_cared, score.matched, score.found_cared);
}

std::string settings(const Evaluation& evaluation, const ReportHeading& heading) {
  const auto row = [](const char* name, const std::string& value) {
    return fmt::format("<dt>{}</dt><dd><bdi>{}</bdi></dd>\n", name, escapedHtml(value));
  };
  const std::size_t images = evaluation.images.size() + evaluation.failures.size();
  return "<dl>\n" + row("data set", heading.dataset) + row("part", heading.split) +
         row("images", std::to_string(images)) + row("model", heading.model) + row("SHA-256", heading.model_sha256) +
         row("settings", evaluation.settings) +
         row("protocol", fmt::format("ICDAR 2015, a box is right above an overlap of {}", heading.iou)) +
         row("made", fmt::format("{} by ocrdet {}", today(), kVersion)) + "</dl>\n";
}

std::string sweepTable(const std::vector<SweepRow>& sweep) {
  if (sweep.empty()) return "";
  const SweepRow& best = sweep.front();
  std::string html = fmt::format(
      "<h2>Thresholds</h2>\n<p>Best of {}: <code>--pixel-threshold {} --box-threshold {} --unclip-ratio {}</code></p>\n"
      "<details><summary>all combinations, best first</summary>\n<table><thead><tr><th>hmean<th>precision<th>recall"
      "<th>pixel threshold<th>box threshold<th>unclip ratio</tr></thead><tbody>\n",
      sweep.size(), best.pixel_threshold, best.box_threshold, best.unclip_ratio);
  for (const SweepRow& row : sweep)
    html += fmt::format("<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td>{}</tr>\n", percent(row.score.hmean),
                        percent(row.score.precision), percent(row.score.recall), row.pixel_threshold, row.box_threshold,
                        row.unclip_ratio);
  return html + "</tbody></table></details>\n";
}

std::string failuresList(const std::vector<ImageFailure>& failures) {
  if (failures.empty()) return "";
  std::string html = fmt::format("<h2>{} not readable</h2>\n<p>Their texts count as missed.</p>\n<ul>\n",
                                 failures.size() == 1 ? "One image is" : fmt::format("{} images are", failures.size()));
  for (const ImageFailure& failure : failures)
    html += fmt::format("<li><bdi>{}</bdi></li>\n", escapedHtml(failure.problem.message));
  return html + "</ul>\n";
}

std::string cssColour(const Colour& colour) {
  const auto byte = [](double share) { return std::lround(share * 255); };
  return fmt::format("rgb({} {} {})", byte(colour.red), byte(colour.green), byte(colour.blue));
}

std::string legend() {
  std::string html = "<ul class=\"legend\">\n";
  for (const ShapeKind* kind : kShapeKinds) {
    const char* style = kind->style == LineStyle::kSolid    ? "solid"
                        : kind->style == LineStyle::kDashed ? "dashed"
                                                            : "dotted";
    html += fmt::format("<li><i style=\"border-style: {}; border-color: {}\"></i>{}{}</li>\n", style,
                        cssColour(kind->colour), escapedHtml(kind->meaning),
                        *kind->label ? fmt::format(" ({0}1, {0}2 …)", kind->label) : "");
  }
  return html + "</ul>\n";
}

// Of one kind of error: "m2 “EXIT”".
struct ErrorList {
  std::string items;
  int count = 0;

  void add(const ShapeKind& kind, const std::string& text) {
    constexpr int kListed = 100;  // a page of a thousand errors is looked at in its picture
    if (++count <= kListed)
      items +=
          fmt::format("<li class=\"{}\">{}{} <bdi>{}</bdi></li>\n", kind.name, kind.label, count, escapedHtml(text));
    if (count == kListed + 1) items += "<li>…</li>\n";
  }
};

std::string errorDetails(const EvaluatedImage& image) {
  const Fates fates = fatesOf(image);
  ErrorList misses, false_alarms;
  for (std::size_t i = 0; i < fates.truth.size(); ++i)
    if (fates.truth[i] == TruthFate::kMissed) misses.add(kMissedKind, image.truth[i].text);
  for (std::size_t i = 0; i < fates.found.size(); ++i)
    if (fates.found[i] == FoundFate::kFalseAlarm)
      false_alarms.add(kFalseAlarmKind, fmt::format("score {:.2f}", image.detection.boxes[i].score));
  if (misses.count + false_alarms.count == 0) return "";
  return "<details><summary>what is missed or wrong</summary>\n<ul class=\"errors\">\n" + misses.items +
         false_alarms.items + "</ul></details>\n";
}

}  // namespace

std::vector<const EvaluatedImage*> worstFirst(std::span<const EvaluatedImage> images) {
  std::vector<const EvaluatedImage*> order;
  for (const EvaluatedImage& image : images) order.push_back(&image);
  const auto key = [](const EvaluatedImage* image) {
    return std::tuple(image->score.hmean, -(missesOf(*image) + falseAlarmsOf(*image)));
  };
  std::stable_sort(order.begin(), order.end(), [&](auto* a, auto* b) { return key(a) < key(b); });
  return order;
}

std::string reportPictureName(const EvaluatedImage& image) {
  return fmt::format("pictures/{:05}.jpg", image.number);
}

std::string reportTop(const Evaluation& evaluation, const ReportHeading& heading) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{} – evaluation</title>\n"
      "<style>\n{}</style>\n</head>\n<body>\n<header>\n<h1>Evaluation of <bdi>{}</bdi></h1>\n{}{}</header>\n{}{}"
      "<h2>Images, the worst first</h2>\n{}"
      "<form class=\"controls\" hidden>\n"
      "<label>order <select name=\"order\"><option value=\"hmean\">worst hmean first</option>"
      "<option value=\"errors\">most errors first</option><option value=\"misses\">most misses first</option>"
      "<option value=\"alarms\">most false alarms first</option><option value=\"number\">as in the set</option>"
      "</select></label>\n<label>name <input name=\"name\" type=\"search\"></label>\n"
      "<label><input name=\"wrong\" type=\"checkbox\"> only with errors</label>\n<output></output>\n</form>\n"
      "<main>\n",
      escapedHtml(heading.dataset), textOf(kReportStyle), escapedHtml(heading.dataset), figures(evaluation.score),
      settings(evaluation, heading), sweepTable(evaluation.sweep), failuresList(evaluation.failures), legend());
}

std::string reportCard(const EvaluatedImage& image) {
  const ImageScore& score = image.score;
  const int misses = missesOf(image), alarms = falseAlarmsOf(image);
  const std::string name = escapedHtml(image.files.image.filename().string()), picture = reportPictureName(image);
  const PixelSize size =
      longSideSize({image.detection.image_height, image.detection.image_width}, kReportPictureSide, 1);
  std::string html = fmt::format(
      "<article data-number=\"{}\" data-hmean=\"{:.6f}\" data-misses=\"{}\" data-alarms=\"{}\" data-name=\"{}\">\n"
      "<h3><bdi>{}</bdi></h3>\n<p>hmean {}, precision {}, recall {}: {} right, {} missed, {} false alarm{}, {} don't "
      "care</p>\n",
      image.number, score.hmean, misses, alarms, name, name, percent(score.hmean), percent(score.precision),
      percent(score.recall), score.pairs.size(), misses, alarms, alarms == 1 ? "" : "s", score.truth_ignored.size());
  html += fmt::format(
      "<a href=\"{}\"><img loading=\"lazy\" src=\"{}\" width=\"{}\" height=\"{}\" alt=\"{} with {} misses and {} false "
      "alarms marked\"></a>\n",
      picture, picture, size.width, size.height, name, misses, alarms);
  return html + errorDetails(image) + "</article>\n";
}

std::string reportBottom() {
  return fmt::format("</main>\n<script>\n{}</script>\n</body>\n</html>\n", textOf(kReportScript));
}

std::string escapedHtml(const std::string& text) {
  std::string html;
  for (const char c : validUtf8(text)) {
    if (c == '&')
      html += "&amp;";
    else if (c == '<')
      html += "&lt;";
    else if (c == '>')
      html += "&gt;";
    else if (c == '"')
      html += "&quot;";
    else if (c == '\'')
      html += "&#39;";
    else
      html += c >= 0 && c < ' ' ? ' ' : c;
  }
  return html;
}

}  // namespace ocrdet
