// Names for the results of inputs: like the inputs', but unique, and with no way out of the folder.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>

namespace ocrdet::cli {

class ResultNames {
 public:
  // The input's name without its extension: "scans/page-1", and for a second input of that name "scans/page-1-2".
  // A name that `free` refuses is left out. Long names are cut to what file systems take.
  std::string add(
      const std::filesystem::path& input_name,
      const std::function<bool(const std::string&)>& free = [](const std::string&) { return true; });

 private:
  std::set<std::string> taken_;
};

}  // namespace ocrdet::cli
