#include "cli/run_record.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "base/sha256.h"
#include "ocrdet/version.h"

namespace ocrdet::cli {
namespace {

namespace fs = std::filesystem;

std::string now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S%z}", fmt::localtime(std::time(nullptr)));
}

std::string words(const Json& value) {
  if (value.is_null()) return "the file's own";
  if (value.is_string()) return value.get<std::string>();
  return jsonText(value, false);
}

}  // namespace

RunRecord newRunRecord(const fs::path& model, Json settings, std::size_t inputs, bool relative_inputs) {
  RunRecord record;
  record.version = kVersion;
  record.started = now();
  if (relative_inputs) record.folder = fs::current_path().string();
  record.model = fs::absolute(model).lexically_normal().string();
  record.model_sha256 = sha256(MappedFile::open(model)->bytes());
  record.settings = std::move(settings);
  record.inputs = inputs;
  return record;
}

RunRecord readRunRecord(const fs::path& run_folder) {
  const fs::path path = run_folder / kRunRecordName;
  const auto file = MappedFile::open(path);
  const auto* text = reinterpret_cast<const char*>(file->bytes().data());
  try {
    const Json json = Json::parse(text, text + file->bytes().size());
    RunRecord record;
    record.version = json.at("ocrdet_version");
    record.started = json.at("started");
    record.folder = json.at("folder");
    record.model = json.at("model").at("path");
    record.model_sha256 = json.at("model").at("sha256");
    record.settings = json.at("settings");
    record.inputs = json.at("inputs");
    record.finished = json.at("finished");
    record.failed = json.at("failed");
    if (!record.settings.is_object()) throw std::invalid_argument("settings is no object");
    return record;
  } catch (const std::exception& problem) {
    throw Error({&codes::kRunRecordDamaged,
                 fmt::format("{} is not the record of a run.", path.string()),
                 "Start a new run without --resume.",
                 {{"path", path.string()}},
                 problem.what()});
  }
}

void writeRunRecord(const fs::path& run_folder, const RunRecord& record) {
  const Json json{
      {"ocrdet_version", record.version}, {"started", record.started},
      {"folder", record.folder},          {"model", {{"path", record.model}, {"sha256", record.model_sha256}}},
      {"settings", record.settings},      {"inputs", record.inputs},
      {"finished", record.finished},      {"failed", record.failed}};
  writeFileAtomically(run_folder / kRunRecordName, jsonText(json) + "\n");
}

std::vector<std::string> differences(const RunRecord& then, const RunRecord& now) {
  std::vector<std::string> found;
  const auto compare = [&](const std::string& name, const Json& old_value, const Json& new_value) {
    if (words(old_value) != words(new_value))
      found.push_back(fmt::format("{}: {} then, {} now", name, words(old_value), words(new_value)));
  };
  compare("version of ocrdet", then.version, now.version);
  if (then.model_sha256 != now.model_sha256)
    found.push_back(fmt::format("model: {} with SHA-256 {}… then, {} with {}… now", then.model,
                                then.model_sha256.substr(0, 12), now.model, now.model_sha256.substr(0, 12)));
  compare("started in folder", then.folder, now.folder);
  for (const auto& [name, value] : now.settings.items())
    compare(name, then.settings.contains(name) ? then.settings[name] : Json(), value);
  for (const auto& [name, value] : then.settings.items())
    if (!now.settings.contains(name)) compare(name, value, Json());
  return found;
}

}  // namespace ocrdet::cli
