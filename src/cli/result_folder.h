// Where `detect --out` leaves its results: DIR/outputs_YYYYMMDDHHMMSS/ with visualization/ and json/, a new one each
// run.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "base/json.h"
#include "image/image.h"

namespace ocrdet::cli {

class ResultFolder {
 public:
  // Two runs within a second get different folders. Throws file.unwritable.
  explicit ResultFolder(const std::filesystem::path& parent);

  const std::filesystem::path& path() const { return path_; }

  // A name for the results of one input that no other input of this run has: "scans/page-1", "scans/page-1-2".
  std::string uniqueName(const std::filesystem::path& input_name);

  // JPEG; returns the file's path.
  std::filesystem::path writePicture(const std::string& name, const Image& image) const;
  void writeJson(const std::string& name, const Json& json) const;

 private:
  std::filesystem::path path_;
  std::set<std::string> names_;
};

}  // namespace ocrdet::cli
