#include "cli/result_folder.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <ctime>
#include <tuple>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "base/log.h"
#include "base/mapped_file.h"
#include "base/paths.h"
#include "image/encode.h"
#include "image/resize.h"
#include "ocrdet/error.h"

namespace ocrdet::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRunPrefix = "outputs_";

bool isRun(const fs::path& folder) {
  return isFile(folder / kRunRecordName);
}

// Runs of one second are numbered: outputs_20240229120000, …-2, …-10.
bool startedBefore(const fs::path& a, const fs::path& b) {
  constexpr std::size_t kWithSecond = kRunPrefix.size() + 14;
  const auto key = [](const std::string& name) { return std::tuple(name.substr(0, kWithSecond), name.size(), name); };
  return key(a.filename().string()) < key(b.filename().string());
}

// The run that --resume means; empty: there is none.
fs::path runToContinue(const fs::path& out) {
  if (isRun(out)) return out;
  fs::path newest, newest_unfinished;
  if (!isFolder(out)) return {};
  std::error_code refused;
  for (const fs::directory_entry& entry : fs::directory_iterator(out, refused)) {
    const fs::path& run = entry.path();
    if (!run.filename().string().starts_with(kRunPrefix) || !isRun(run)) continue;
    if (newest.empty() || startedBefore(newest, run)) newest = run;
    if ((newest_unfinished.empty() || startedBefore(newest_unfinished, run)) && !readRunRecord(run).finished)
      newest_unfinished = run;
  }
  return newest_unfinished.empty() ? newest : newest_unfinished;
}

// Left by a process that was killed while it wrote.
void removeTemporaryFiles(const fs::path& run_folder) {
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(run_folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with('.') && name.find(".tmp-") != name.npos) found.push_back(entry.path());
  }
  for (const fs::path& file : found) fs::remove(file);
}

fs::path jsonFile(const fs::path& run_folder, const std::string& name) {
  return run_folder / "json" / (name + ".json");
}

fs::path pictureFile(const fs::path& run_folder, const std::string& name) {
  return run_folder / "visualization" / (name + ".jpg");
}

// Null when there is none, or one that is damaged.
Json readResult(const fs::path& file) {
  if (!isFile(file)) return {};
  const auto content = MappedFile::open(file);
  const auto* text = reinterpret_cast<const char*>(content->bytes().data());
  Json json = Json::parse(text, text + content->bytes().size(), nullptr, false);
  return json.is_object() ? json : Json();
}

// Paths are compared as JSON holds them: bytes that are not UTF-8 replaced.
bool belongsTo(const Json& result, const ImageInput& input) {
  return result.value("image_path", Json()) == Json(validUtf8(input.path.string())) &&
         result.value("page", Json(1)) == Json(input.page);
}

}  // namespace

ResultFolder::ResultFolder(fs::path path, RunRecord record)
    : path_(std::move(path)), record_(std::move(record)), lock_(path_) {}

ResultFolder ResultFolder::create(const fs::path& parent, const RunRecord& record) {
  makeFolder(parent);
  const std::string stem = fmt::format("{}{:%Y%m%d%H%M%S}", kRunPrefix, fmt::localtime(std::time(nullptr)));
  std::error_code problem;
  fs::path path = parent / stem;
  for (int i = 2; !fs::create_directory(path, problem) && !problem; ++i) path = parent / fmt::format("{}-{}", stem, i);
  if (problem) makeFolder(path);  // says why
  ResultFolder folder(path, record);
  writeRunRecord(path, folder.record_);
  return folder;
}

ResultFolder ResultFolder::resume(const fs::path& out, const RunRecord& record) {
  const fs::path path = runToContinue(out);
  if (path.empty()) {
    logInfo(fmt::format("{} holds no run to continue; a new one starts.", out.string()));
    return create(out, record);
  }
  RunRecord then = readRunRecord(path);
  const std::vector<std::string> different = differences(then, record);
  if (!different.empty())
    throw Error({&codes::kRunSettingsDiffer,
                 fmt::format("{} was made under other conditions. {}.", path.string(), fmt::join(different, "; ")),
                 "Give the same options and model as then, or leave --resume out for a new run.",
                 {{"path", path.string()}},
                 {}});
  then.inputs = record.inputs;
  then.finished = false;
  then.failed = 0;
  ResultFolder folder(path, std::move(then));
  removeTemporaryFiles(path);
  writeRunRecord(path, folder.record_);
  return folder;
}

std::string ResultFolder::nameFor(const ImageInput& input) {
  return names_.add(input.name, [&](const std::string& name) {
    const Json result = readResult(jsonFile(path_, name));
    return result.is_null() || belongsTo(result, input);
  });
}

std::optional<Json> ResultFolder::finished(const std::string& name, const ImageInput& input) const {
  Json result = readResult(jsonFile(path_, name));
  const bool done = result.is_object() && belongsTo(result, input) && result.value("success", Json(false)) == true &&
                    isFile(pictureFile(path_, name));
  return done ? std::optional(std::move(result)) : std::nullopt;
}

void ResultFolder::writePicture(const std::string& name, const Image& image) const {
  const fs::path file = pictureFile(path_, name);
  makeFolder(file.parent_path());
  constexpr int kLongestJpegSide = 65500;
  writeFileAtomically(file, encodeJpeg(shrunk(image, kLongestJpegSide), 92));
}

void ResultFolder::writeJson(const std::string& name, const Json& json) const {
  const fs::path file = jsonFile(path_, name);
  makeFolder(file.parent_path());
  writeFileAtomically(file, jsonText(json));
}

void ResultFolder::finish(std::size_t failed) {
  record_.finished = true;
  record_.failed = failed;
  writeRunRecord(path_, record_);
}

}  // namespace ocrdet::cli
