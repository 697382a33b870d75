#include "eval/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/atomic_file.h"
#include "eval/evaluation_json.h"
#include "eval/report_page.h"
#include "eval/report_picture.h"
#include "image/encode.h"
#include "ocrdet/error.h"
#include "ocrdet/version.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPage = "index.html";
constexpr const char* kDocument = "report.json";
constexpr const char* kPictures = "pictures";

// What stands in the way of a report; empty: nothing.
fs::path foreignEntry(const fs::path& folder) {
  if (!fs::exists(folder)) return {};
  if (!fs::is_directory(folder)) return folder;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const fs::path name = entry.path().filename();
    if (name != kPage && name != kDocument && name != kPictures) return entry.path();
  }
  return {};
}

void removeReport(const fs::path& folder) {
  std::error_code ignored;  // what cannot be removed is overwritten, or fails there
  fs::remove(folder / kPage, ignored);
  fs::remove(folder / kDocument, ignored);
  fs::remove_all(folder / kPictures, ignored);
}

// One picture a line, so that the document of a large set is never in memory, and can be searched by lines.
void writeDocument(const fs::path& path, const Evaluation& evaluation, const ReportHeading& heading) {
  Json head{{"ocrdet_version", kVersion},      {"dataset", heading.dataset},
            {"split", heading.split},          {"model", {{"path", heading.model}, {"sha256", heading.model_sha256}}},
            {"settings", evaluation.settings}, {"iou", heading.iou}};
  head.update(toJson(evaluation.score));
  head["success"] = evaluation.failures.empty();
  head["failures"] = Json::array();
  for (const ImageFailure& failure : evaluation.failures) head["failures"].push_back(toJson(failure));
  for (const SweepRow& row : evaluation.sweep) head["sweep"].push_back(toJson(row));

  AtomicFile file(path);
  const std::string text = jsonText(head, false);
  file.write(std::string_view(text).substr(0, text.size() - 1));
  file.write(",\"images\":[");
  for (std::size_t i = 0; i < evaluation.images.size(); ++i) {
    Json image = toJson(evaluation.images[i]);
    image["picture"] = reportPictureName(evaluation.images[i]);
    file.write((i == 0 ? "\n" : ",\n") + jsonText(image, false));
  }
  file.write("\n]}\n");
  file.commit();
}

void writePage(const fs::path& path, const Evaluation& evaluation, const ReportHeading& heading) {
  AtomicFile file(path);
  file.write(reportTop(evaluation, heading));
  for (const EvaluatedImage* image : worstFirst(evaluation.images)) file.write(reportCard(*image));
  file.write(reportBottom());
  file.commit();
}

}  // namespace

ReportWriter::ReportWriter(fs::path folder) : folder_(std::move(folder)) {
  const fs::path foreign = foreignEntry(folder_);
  if (!foreign.empty())
    throw Error({&codes::kFileExists,
                 fmt::format("{} holds something that is no report: {}.", folder_.string(), foreign.string()),
                 "Choose a new folder for --report.",
                 {{"path", folder_.string()}},
                 {}});
  removeReport(folder_);
  std::error_code problem;
  fs::create_directories(folder_ / kPictures, problem);
  if (problem)
    throw Error({&codes::kFileUnwritable,
                 fmt::format("{}: the folder cannot be made.", (folder_ / kPictures).string()),
                 "Choose another folder for --report.",
                 {},
                 problem.message()});
}

ReportWriter::~ReportWriter() {
  if (finished_) return;
  removeReport(folder_);
  std::error_code not_empty;
  fs::remove(folder_, not_empty);
}

void ReportWriter::addPicture(const EvaluatedImage& evaluated, const Image& picture) const {
  constexpr int kQuality = 82;
  writeFileAtomically(folder_ / reportPictureName(evaluated), encodeJpeg(reportPicture(evaluated, picture), kQuality));
}

fs::path ReportWriter::finish(const Evaluation& evaluation, const ReportHeading& heading) {
  writeDocument(folder_ / kDocument, evaluation, heading);
  writePage(folder_ / kPage, evaluation, heading);
  finished_ = true;
  return folder_ / kPage;
}

}  // namespace ocrdet
