// Options whose value is one of a few words.
#pragma once

#include <fmt/format.h>

#include <map>
#include <string>

#include "ocrdet/error.h"

namespace ocrdet::cli {

// What `word` stands for. Throws usage.option with the words that are known.
template <typename Value>
Value wordIn(const std::map<std::string, Value>& words, const std::string& word, const char* option) {
  const auto found = words.find(word);
  if (found != words.end()) return found->second;
  std::string known;
  for (const auto& [name, value] : words) known += (known.empty() ? "" : ", ") + name;
  throw Error({&codes::kUsageOption, fmt::format("{} \"{}\" is not known.", option, word),
               fmt::format("Use one of: {}.", known)});
}

}  // namespace ocrdet::cli
