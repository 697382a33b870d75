#include "model/name_endings.h"

#include <algorithm>

namespace ocrdet {

void NameEndings::add(std::string_view name) {
  names_.insert(name);
  longest_ = std::max(longest_, name.size());
}

std::string_view NameEndings::find(std::string_view key) const {
  std::string_view rest = key;
  if (key.size() > longest_) {
    // One character more than the longest name can have: the dot before it.
    rest = key.substr(key.size() - longest_ - 1);
    rest = rest.substr(std::min(rest.find('.'), rest.size() - 1) + 1);
  }
  while (!names_.contains(rest)) {
    const std::size_t dot = rest.find('.');
    if (dot == std::string_view::npos) return {};
    rest.remove_prefix(dot + 1);
  }
  return rest;
}

}  // namespace ocrdet
