#include "synth/fonts.h"

#include <fontconfig/fontconfig.h>
#include <pango/pangofc-fontmap.h>

#include <algorithm>
#include <set>

#include "ocrdet/error.h"

namespace ocrdet::synth {
namespace {

template <typename T, void (*Destroy)(T*)>
struct Destroyer {
  void operator()(T* object) const { Destroy(object); }
};
using Pattern = std::unique_ptr<FcPattern, Destroyer<FcPattern, FcPatternDestroy>>;
using FontSet = std::unique_ptr<FcFontSet, Destroyer<FcFontSet, FcFontSetDestroy>>;
using ObjectSet = std::unique_ptr<FcObjectSet, Destroyer<FcObjectSet, FcObjectSetDestroy>>;

std::string familyOf(FcPattern* font) {
  FcChar8* family = nullptr;
  return FcPatternGetString(font, FC_FAMILY, 0, &family) == FcResultMatch ? reinterpret_cast<const char*>(family) : "";
}

bool hasAll(const FcCharSet* characters, const char32_t* signs) {
  for (; *signs != 0; ++signs)
    if (!FcCharSetHasChar(characters, *signs)) return false;
  return true;
}

// Families that say something else than their letters, and Noto's families of other scripts, whose Latin letters are
// all the same.
bool isUseful(const std::string& family) {
  for (const char* part : {"Symbol", "Dingbat", "D050000L", "Emoji", "Math", "Music", "Barcode", "Sharp"})
    if (family.find(part) != family.npos) return false;
  if (!family.starts_with("Noto ")) return true;
  static const std::set<std::string> kLatinNoto = {"Noto Sans",      "Noto Serif",        "Noto Mono",
                                                   "Noto Sans Mono", "Noto Sans Display", "Noto Serif Display"};
  return kLatinNoto.contains(family) || family.find("CJK SC") != family.npos || family.find("CJK TC") != family.npos;
}

FontUse useOf(const std::string& family, FcPattern* font) {
  int spacing = FC_PROPORTIONAL, weight = FC_WEIGHT_REGULAR;
  FcPatternGetInteger(font, FC_SPACING, 0, &spacing);
  FcPatternGetInteger(font, FC_WEIGHT, 0, &weight);
  for (const char* part : {"Mono", "Courier", "Typewriter", "Cursor"})
    if (family.find(part) != family.npos) return FontUse::kMono;
  if (spacing == FC_MONO) return FontUse::kMono;
  for (const char* part : {"Lobster", "Bebas", "Dancing", "Comic", "Chorus", "Chancery", "Display", "Z003"})
    if (family.find(part) != family.npos) return FontUse::kDisplay;
  return weight >= FC_WEIGHT_BLACK ? FontUse::kDisplay : FontUse::kText;
}

// Family and style as text; the pattern alone, since files of the same family differ in weight and slant.
std::string descriptionOf(FcPattern* font) {
  const std::unique_ptr<PangoFontDescription, Destroyer<PangoFontDescription, pango_font_description_free>> description(
      pango_fc_font_description_from_pattern(font, FALSE));
  const std::unique_ptr<char, decltype([](char* text) { g_free(text); })> text(
      pango_font_description_to_string(description.get()));
  return text.get();
}

}  // namespace

bool covers(const Font& font, std::string_view utf8) {
  const auto* characters = static_cast<const FcCharSet*>(font.characters.get());
  const auto* at = reinterpret_cast<const FcChar8*>(utf8.data());
  for (int left = int(utf8.size()); left > 0;) {
    FcChar32 sign = 0;
    const int length = FcUtf8ToUcs4(at, &sign, left);
    if (length <= 0 || (sign != ' ' && !FcCharSetHasChar(characters, sign))) return false;
    at += length;
    left -= length;
  }
  return true;
}

const Fonts& Fonts::installed() {
  static const Fonts fonts = [] {
    Fonts found;
    const Pattern all(FcPatternBuild(nullptr, FC_SCALABLE, FcTypeBool, FcTrue, nullptr));
    const ObjectSet wanted(
        FcObjectSetBuild(FC_FAMILY, FC_STYLE, FC_WEIGHT, FC_SLANT, FC_WIDTH, FC_SPACING, FC_CHARSET, nullptr));
    const FontSet list(FcFontList(nullptr, all.get(), wanted.get()));
    for (int i = 0; list && i < list->nfont; ++i) {
      FcPattern* pattern = list->fonts[i];
      FcCharSet* characters = nullptr;
      const std::string family = familyOf(pattern);
      if (!isUseful(family) || FcPatternGetCharSet(pattern, FC_CHARSET, 0, &characters) != FcResultMatch) continue;
      if (!hasAll(characters, U"AZaz09.,-")) continue;
      Font font{descriptionOf(pattern), useOf(family, pattern), hasAll(characters, U"的中国文字店"), nullptr};
      font.characters = std::shared_ptr<const void>(FcCharSetCopy(characters), [](const void* set) {
        FcCharSetDestroy(static_cast<FcCharSet*>(const_cast<void*>(set)));
      });
      (font.chinese ? found.chinese_ : found.latin_).push_back(std::move(font));
    }
    if (found.size() == 0)
      throw Error({&codes::kSynthNoFonts,
                   "fontconfig knows no scalable font with Latin letters.",
                   "Install one, such as Debian's fonts-dejavu-core; fonts-noto-cjk adds Chinese.",
                   {},
                   {}});
    for (std::vector<Font>* fonts_of_a_kind : {&found.latin_, &found.chinese_}) {
      const auto same = [](const Font& a, const Font& b) { return a.description == b.description; };
      std::sort(fonts_of_a_kind->begin(), fonts_of_a_kind->end(),
                [](const Font& a, const Font& b) { return a.description < b.description; });
      fonts_of_a_kind->erase(std::unique(fonts_of_a_kind->begin(), fonts_of_a_kind->end(), same),
                             fonts_of_a_kind->end());
    }
    return found;
  }();
  return fonts;
}

const Font& Fonts::pick(Random& random, FontUse use, bool chinese) const {
  const std::vector<Font>& fonts = (chinese && hasChinese()) || latin_.empty() ? chinese_ : latin_;
  // Families with many weights and widths must not crowd out the others: a try that fits is taken after few.
  for (int attempt = 0; attempt < 40; ++attempt) {
    const Font& font = random.pick(fonts);
    const bool fits = font.use == use || (use == FontUse::kDisplay && font.use == FontUse::kText && random.chance(0.5));
    if (fits) return font;
  }
  return random.pick(fonts);
}

}  // namespace ocrdet::synth
