// Trouble told in plain words, English or Chinese: "boxes are shifted", "显存不足".
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "explain/canonical_text.h"

namespace ocrdet {

struct SymptomRow {
  const char* cause;
  // Groups joined by " & ", each of alternatives joined by "|"; one alternative of each group must occur. A word of
  // Latin letters must stand alone; "box*" is also "boxes".
  const char* words;
  // Words that other programs' users say too: they must fill much of the text, or stand beside a word of this field.
  bool common = false;
};

std::span<const SymptomRow> symptomRows();

// The row that says most about the text; nullptr when none fits, and for texts that are no plain words (messages,
// code).
const SymptomRow* findSymptom(const CanonicalText& text);

}  // namespace ocrdet
