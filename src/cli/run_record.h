// run.json: what a folder of results says about the run that made it, so that results can be understood later, and an
// interrupted run continued under the same conditions or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"

namespace ocrdet::cli {

struct RunRecord {
  std::string version;  // of ocrdet
  std::string started;  // local time, ISO 8601
  std::string folder;   // where the command ran, if inputs have paths relative to it; otherwise empty
  std::string model;    // absolute path
  std::string model_sha256;
  Json settings = Json::object();  // what decides the results, by name; null: the file's own
  std::size_t inputs = 0;
  bool finished = false;
  std::size_t failed = 0;  // of a finished run
};

inline constexpr const char* kRunRecordName = "run.json";

// Of a run that starts now. Throws file.missing and file.unreadable for the model.
RunRecord newRunRecord(const std::filesystem::path& model, Json settings, std::size_t inputs, bool relative_inputs);

// Throws run.record-damaged when there is a run.json that is none.
RunRecord readRunRecord(const std::filesystem::path& run_folder);
void writeRunRecord(const std::filesystem::path& run_folder, const RunRecord& record);

// In what `now` would differ from `then`, as a user can check it: "box_threshold: 0.3 then, 0.5 now". Empty when
// results of both belong together.
std::vector<std::string> differences(const RunRecord& then, const RunRecord& now);

}  // namespace ocrdet::cli
