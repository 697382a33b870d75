// Cause and fix of an error message, or of trouble told in plain words.
//
//   Explanation answer = explain("The size of tensor a (42) must match the size of tensor b (41) at non-singleton
//   dimension 2"); answer.causes.front().cause->id  // "input.size-not-multiple-of-32" answer.numbers // "decoder.up5
//   gives 42 where decoder.in4 has 41 …: the height was 641 to 656 …"
//
// All knowledge is in three tables: messages.cpp (grammar of messages), symptoms.cpp (plain words), causes.cpp (what
// helps).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "explain/causes.h"
#include "ocrdet/error_codes.h"

namespace ocrdet {

struct Explanation {
  std::vector<const Cause*> causes;   // the likeliest first; empty: the text is not known
  std::string recognised;             // the words of the text that told it
  std::vector<std::string> numbers;   // sentences with the arithmetic behind the first cause
  const ErrorCode* code = nullptr;    // when the text names an error code of ocrdet
  std::string code_paragraph;         // what docs/errors.md says about it
  std::vector<const Cause*> nearest;  // for an unknown text: what resembles it most, three at most

  bool known() const { return !causes.empty() || code != nullptr; }
};

// Any bytes are welcome; of long texts the first 64 KiB count.
Explanation explain(std::string_view text);

// {"known", "causes": [{"id", "what", "why", "fix", "commands"…}], "recognised", "numbers",
//  "code": {"name", "meaning", "text"}, "nearest"}; what is empty is left out.
Json toJson(const Explanation& explanation);

}  // namespace ocrdet
