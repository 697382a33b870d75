// Where `detect --out` leaves its results: DIR/outputs_YYYYMMDDHHMMSS/ with visualization/, json/ and run.json, a new
// one each run, unless an interrupted run is continued.
//
// Files appear whole, and an input's JSON file after all its others. So a JSON file that tells of success, and that
// names this input, means that this input is done: nothing else needs to be kept to resume after any kind of end.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/folder_lock.h"
#include "base/json.h"
#include "cli/image_inputs.h"
#include "cli/result_names.h"
#include "cli/run_record.h"
#include "image/image.h"

namespace ocrdet::cli {

class ResultFolder {
 public:
  // Two runs within a second get different folders. Throws file.unwritable.
  static ResultFolder create(const std::filesystem::path& parent, const RunRecord& record);

  // `out` is a run's folder, or one that holds some: then the newest unfinished run is continued, or the newest if all
  // are finished; without any, a new one is made. Throws run.settings-differ, run.record-damaged, and run.busy while
  // another process works on it.
  static ResultFolder resume(const std::filesystem::path& out, const RunRecord& record);

  const std::filesystem::path& path() const { return path_; }

  // A name for the results of one input that no other input of this run has; the one it had before if the run is
  // continued. Ask in the order of the inputs.
  std::string nameFor(const ImageInput& input);

  // What the JSON file of that name says, if it and the picture are there and tell of success.
  std::optional<Json> finished(const std::string& name, const ImageInput& input) const;

  void writePicture(const std::string& name, const Image& image) const;  // JPEG
  void writeJson(const std::string& name, const Json& json) const;

  // The last step of a run.
  void finish(std::size_t failed);

 private:
  ResultFolder(std::filesystem::path path, RunRecord record);

  std::filesystem::path path_;
  RunRecord record_;
  FolderLock lock_;
  ResultNames names_;
};

}  // namespace ocrdet::cli
