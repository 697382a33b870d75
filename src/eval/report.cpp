#include "eval/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <system_error>
#include <vector>

#include "base/atomic_file.h"
#include "base/paths.h"
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
constexpr const char* kImages = "images";  // of the document

// report.json begins with a line that is a whole document but for its images (writeDocument).
bool isReportDocument(const fs::path& file) {
  std::ifstream text(file);
  std::string line;
  if (!std::getline(text, line)) return false;
  const Json document = Json::parse(line + "]}", nullptr, false);
  return document.is_object() && document.contains("ocrdet_version") && document.contains(kImages);
}

bool isReportPicture(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.size() >= 9 && name.ends_with(".jpg") &&
         name.find_first_not_of("0123456789") == name.size() - std::strlen(".jpg");
}

// What nobody may look into is no report: it stands for what it holds.
std::vector<fs::path> entriesOrItself(const fs::path& folder) {
  std::error_code refused;
  std::vector<fs::path> entries = entriesOf(folder, refused);
  if (refused) entries.push_back(folder);
  return entries;
}

// What stands in the way of a report: anything that no report of ours consists of. Empty: nothing.
fs::path foreignEntry(const fs::path& folder) {
  if (!isThere(folder)) return {};
  if (!isFolder(folder)) return folder;
  const std::vector<fs::path> entries = entriesOrItself(folder);
  if (!entries.empty() && !isReportDocument(folder / kDocument)) return entries.front();
  for (const fs::path& entry : entries) {
    const fs::path name = entry.filename();
    if (name == kPictures && isFolder(entry)) {
      for (const fs::path& picture : entriesOrItself(entry))
        if (!isFile(picture) || !isReportPicture(picture)) return picture;
    } else if (!isFile(entry) || (name != kPage && name != kDocument)) {
      return entry;
    }
  }
  return {};
}

fs::path withoutForeignEntry(fs::path folder) {
  const fs::path foreign = foreignEntry(folder);
  if (foreign.empty()) return folder;
  throw Error({&codes::kFileExists,
               fmt::format("{} holds something that is no report: {}.", folder.string(), foreign.string()),
               "Choose a new folder for --report.",
               {{"path", folder.string()}},
               {}});
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
  file.write(fmt::format(",\"{}\":[", kImages));
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

ReportWriter::ReportWriter(const fs::path& folder)
    : target_(withoutForeignEntry(folder)), folder_(folder, Replaceable::kOurs) {
  makeFolder(folder_.path() / kPictures);
}

void ReportWriter::addPicture(const EvaluatedImage& evaluated, const Image& picture) const {
  constexpr int kQuality = 82;
  writeFileAtomically(folder_.path() / reportPictureName(evaluated),
                      encodeJpeg(reportPicture(evaluated, picture), kQuality));
}

fs::path ReportWriter::finish(const Evaluation& evaluation, const ReportHeading& heading) {
  writeDocument(folder_.path() / kDocument, evaluation, heading);
  writePage(folder_.path() / kPage, evaluation, heading);
  folder_.commit();
  return target_ / kPage;
}

}  // namespace ocrdet
