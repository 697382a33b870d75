// Lines whose numbers are separated otherwise than by commas.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dataset/truth.h"

namespace ocrdet {

// Also "nan", "inf" and 1e99, which strtod reads and no form allows.
bool isAnyNumber(std::string_view field);

// The same line with commas behind its numbers, the eight of a quad or all of a polygon, when blanks, tabs, semicolons
// or full-width commas stand behind some of them. Nothing when none do, or too few numbers begin the line, or what
// follows those of a quad looks like further ones: then they may be something else, say with commas in decimals.
std::optional<std::string> withCommas(std::string_view line, TruthForm form);

}  // namespace ocrdet
