// What can be wrong, and what helps: one row a cause. docs/explain.md lists them all, and a test compares it with this
// table.
#pragma once

#include <span>
#include <string_view>

namespace ocrdet {

struct Cause {
  const char* id;       // "input.rank"; where ocrdet has an error of its own for it, the same word
  const char* what;     // one sentence: what happened
  const char* why;      // the reason behind it; may be empty where `what` says it all
  const char* fix;      // what to do
  const char* command;  // what to type
  const char* what_zh = "";
  const char* fix_zh = "";
};

std::span<const Cause> allCauses();
// nullptr when there is none.
const Cause* findCause(std::string_view id);

}  // namespace ocrdet
