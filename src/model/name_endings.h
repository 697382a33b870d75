// Names behind unknown prefixes: "model.module.backbone.conv1.weight" ends in the name "backbone.conv1.weight".
#pragma once

#include <cstddef>
#include <string_view>
#include <unordered_set>

namespace ocrdet {

class NameEndings {
 public:
  // Keeps views of the names.
  void add(std::string_view name);

  // The longest of the names that is all of `key` or stands behind one of its dots; empty when there is none. The time
  // does not depend on the key's length, which is the file's choice.
  std::string_view find(std::string_view key) const;

 private:
  std::unordered_set<std::string_view> names_;
  std::size_t longest_ = 0;
};

}  // namespace ocrdet
