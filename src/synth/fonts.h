// The fonts that are installed, sorted by what they can write and where they are seen.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace ocrdet::synth {

enum class FontUse { kText, kMono, kDisplay };  // books and documents; receipts and code; signs and headlines

struct Font {
  std::string description;  // for Pango: family, style, weight; without a size
  FontUse use = FontUse::kText;
  bool chinese = false;
  std::shared_ptr<const void> characters;  // what it covers, see covers()
};

// Every sign of the text has a glyph.
bool covers(const Font& font, std::string_view utf8);

class Fonts {
 public:
  // Asks fontconfig once; always in the same order. Throws synth.no-fonts.
  static const Fonts& installed();

  // A font for a use and a language; another use when there is none, and Latin when no Chinese font is installed.
  const Font& pick(Random& random, FontUse use, bool chinese) const;
  bool hasChinese() const { return !chinese_.empty(); }
  std::size_t size() const { return latin_.size() + chinese_.size(); }

 private:
  std::vector<Font> latin_, chinese_;
};

}  // namespace ocrdet::synth
