// What can be wrong with a data set, and the collection of what was found.
//
// Errors make a tool fail or learn something wrong. Warnings are surely not meant, but tools get by. Notes are facts to
// know, normal in good sets; they do not count as findings. Codes never change their meaning once released;
// docs/dataset.md lists them, and a test compares.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "ocrdet/contract.h"

namespace ocrdet {

struct FindingKind {
  const char* code;
  Level level;
  bool fixable;  // `ocrdet dataset fix` writes a copy without it
  const char* meaning;
};

// clang-format off
#define OCRDET_FINDING_KINDS(X) \
  X(SetEmpty,             "set.empty",              kError,   false, "the split has no image") \
  X(SetAllIgnored,        "set.all-ignored",        kError,   false, "every text of the split is marked as unreadable") \
  X(SetOverlap,           "set.overlap",            kError,   true,  "an image of train is also in test: the same pixels") \
  X(SetOverlapLikely,     "set.overlap-likely",     kWarning, false, "an image of train looks like one of test, differently stored") \
  X(SetNoText,            "set.no-text",            kNote,    false, "no image of the split has text") \
  X(ListAbsent,           "list.absent",            kNote,    true,  "there is no list; ModelScope and MhLiao need one") \
  X(ListMissingImage,     "list.missing-image",     kError,   true,  "the list names an image that is not there") \
  X(ListWrongCase,        "list.wrong-case",        kError,   true,  "the list names an image whose file name differs in case or ending") \
  X(ListDuplicate,        "list.duplicate",         kWarning, true,  "the list names an image twice") \
  X(ListUnlisted,         "list.unlisted",          kWarning, true,  "an image lies in the folder, but the list does not name it") \
  X(ListOtherPath,        "list.other-path",        kWarning, true,  "the list names an image by a path that does not lead from its folder to it: most tools miss it") \
  X(ListBlankLine,        "list.blank-line",        kWarning, true,  "a line of the list is empty: ModelScope fails on it") \
  X(ListOutside,          "list.outside",           kWarning, true,  "the list names an image outside its folder") \
  X(ListPathSaysTrain,    "list.path-says-train",   kWarning, false, "the path of the test list contains `train`: ModelScope and MhLiao take it for a training list") \
  X(EncodingMark,         "encoding.mark",          kWarning, true,  "the file, or a line of it, begins with a byte order mark: ModelScope fails on it") \
  X(EncodingUtf16,        "encoding.utf16",         kError,   true,  "the file is UTF-16") \
  X(EncodingNotUtf8,      "encoding.not-utf8",      kError,   true,  "the file is not UTF-8") \
  X(EncodingLineEnds,     "encoding.line-ends",     kError,   true,  "lines end in carriage returns alone: the file is one line to every tool") \
  X(ImageUnreadable,      "image.unreadable",       kError,   true,  "the image is damaged or of an unknown kind") \
  X(ImageTruncated,       "image.truncated",        kError,   true,  "the image's file ends before its pixels do") \
  X(ImageEmpty,           "image.empty",            kError,   true,  "the image's file has no bytes") \
  X(ImageTooLarge,        "image.too-large",        kError,   true,  "the image has more pixels than are decoded") \
  X(ImageTooSmall,        "image.too-small",        kWarning, true,  "a side of the image is shorter than 32 pixels") \
  X(ImageWrongExtension,  "image.wrong-extension",  kWarning, true,  "the image is of another kind than its name says") \
  X(ImageDuplicate,       "image.duplicate",        kWarning, true,  "two images of the split have the same pixels") \
  X(ImageTurned,          "image.turned",           kError,   true,  "the ground truth fits the image as stored, not as its camera's orientation shows it") \
  X(ImageOrientation,     "image.orientation",      kNote,    false, "the image carries a camera's orientation; tools differ in whether they apply it") \
  X(ImagePages,           "image.pages",            kWarning, false, "the image has several pages; only the first is used") \
  X(TruthMissing,         "truth.missing",          kError,   true,  "an image has no file of ground truth") \
  X(TruthOrphan,          "truth.orphan",           kWarning, true,  "a file of ground truth belongs to no image") \
  X(TruthWrongCase,       "truth.wrong-case",       kError,   true,  "the name of a file of ground truth fits its image only in other letters: `1.TXT`") \
  X(TruthAmbiguous,       "truth.ambiguous",        kWarning, true,  "two files of ground truth fit one image; tools will differ in which they read") \
  X(TruthShared,          "truth.shared",           kError,   true,  "two images have the same file of ground truth") \
  X(TruthTooLarge,        "truth.too-large",        kError,   true,  "a file of ground truth is larger than that of any image") \
  X(TruthUnreadable,      "truth.unreadable",       kError,   true,  "a file of ground truth cannot be read") \
  X(TruthBlankLine,       "truth.blank-line",       kWarning, true,  "a line is empty: ModelScope and MhLiao fail on it") \
  X(TruthCount,           "truth.count",            kError,   true,  "a line has too few numbers") \
  X(TruthOddCount,        "truth.odd-count",        kError,   true,  "a polygon has an odd number of coordinates") \
  X(TruthManyCorners,     "truth.many-corners",     kError,   true,  "a polygon has more than 1000 corners") \
  X(TruthSeparator,       "truth.separator",        kError,   true,  "numbers are not separated by commas, or not all of them") \
  X(TruthNotANumber,      "truth.not-a-number",     kError,   true,  "a coordinate is not a number") \
  X(TruthNotFinite,       "truth.not-finite",       kError,   true,  "a coordinate is infinite, not a number (nan) or absurdly large") \
  X(TruthNoText,          "truth.no-text",          kError,   true,  "a line has coordinates and no text: ModelScope and MhLiao take the last number for it") \
  X(TruthMixedForm,       "truth.mixed-form",       kError,   true,  "a line is a polygon, most others are quads: tools take its first four corners for the box") \
  X(TruthOtherFormat,     "truth.other-format",     kError,   true,  "the file is JSON or XML") \
  X(TruthSwappedAxes,     "truth.swapped-axes",     kError,   true,  "boxes fit the image only with x and y exchanged") \
  X(TruthNormalised,      "truth.normalised",       kError,   true,  "all coordinates lie between 0 and 1: shares of the image instead of pixels") \
  X(TruthUnusable,        "truth.unusable",         kNote,    true,  "no shape of an image can be kept: each lies outside or has no area") \
  X(TruthAllIgnored,      "truth.all-ignored",      kNote,    false, "every text of an image is marked as unreadable") \
  X(TruthEmpty,           "truth.empty",            kNote,    false, "an image has no text") \
  X(BoxSelfIntersecting,  "box.self-intersecting",  kError,   true,  "sides of a shape cross: its corners are in the wrong order") \
  X(BoxCounterClockwise,  "box.counter-clockwise",  kWarning, true,  "corners run counter-clockwise: the official script refuses them") \
  X(BoxFirstCorner,       "box.first-corner",       kNote,    false, "the first corner is not the upper left one") \
  X(BoxConcave,           "box.concave",            kNote,    false, "a quad has a corner that points inwards") \
  X(BoxNoArea,            "box.no-area",            kError,   true,  "a shape has less than one square pixel") \
  X(BoxTiny,              "box.tiny",               kWarning, true,  "a readable text is less than 1.5 pixels high or wide") \
  X(BoxSmall,             "box.small",              kNote,    false, "a readable text is less than eight pixels high or wide: MhLiao leaves it out of training") \
  X(BoxOutside,           "box.outside",            kError,   true,  "a shape lies wholly outside its image") \
  X(BoxMostlyOutside,     "box.mostly-outside",     kWarning, true,  "a readable text lies by more than half outside its image") \
  X(BoxBeyondEdge,        "box.beyond-edge",        kNote,    false, "a shape reaches beyond the edge of its image") \
  X(BoxDuplicate,         "box.duplicate",          kWarning, true,  "two shapes of an image are the same") \
  X(TextComma,            "text.comma",             kNote,    false, "a text has commas: ModelScope and MhLiao take what is behind the last one for it") \
  X(TextCommaIgnored,     "text.comma-ignored",     kWarning, true,  "a text ends in `,###`: ModelScope and MhLiao ignore it by accident") \
  X(TextIgnoreMark,       "text.ignore-mark",       kWarning, true,  "a text looks like the mark of unreadable text, but is not `###`") \
  X(TextStar,             "text.star",              kNote,    true,  "a text is `*`: PaddleOCR and ocrdet ignore it, ModelScope and MhLiao do not") \
  X(TextControl,          "text.control",           kWarning, true,  "a text holds control characters") \
  X(TextDamaged,          "text.damaged",           kWarning, false, "a text holds the sign of a failed conversion (U+FFFD)")
// clang-format on

namespace kinds {
#define OCRDET_DECLARE_KIND(identifier, code, level, fixable, meaning) \
  inline constexpr FindingKind k##identifier{code, Level::level, fixable, meaning};
OCRDET_FINDING_KINDS(OCRDET_DECLARE_KIND)
#undef OCRDET_DECLARE_KIND
}  // namespace kinds

inline constexpr const FindingKind* kAllFindingKinds[] = {
#define OCRDET_LIST_KIND(identifier, code, level, fixable, meaning) &kinds::k##identifier,
    OCRDET_FINDING_KINDS(OCRDET_LIST_KIND)
#undef OCRDET_LIST_KIND
};

struct SetFinding {
  const FindingKind* kind = nullptr;
  std::string file;
  int line = 0;  // from 1; 0: the file as a whole
  std::string message;
};

// Keeps the first findings of each kind and counts the rest, so that a set in which every line is wrong takes little
// memory.
class Findings {
 public:
  explicit Findings(std::string file = {}, std::size_t kept_of_a_kind = 1000)
      : file_(std::move(file)), kept_of_a_kind_(kept_of_a_kind) {}

  void add(const FindingKind& kind, int line, std::string message) { add({&kind, file_, line, std::move(message)}); }
  void add(const FindingKind& kind, const std::string& file, int line, std::string message) {
    add({&kind, file, line, std::move(message)});
  }
  void add(const Findings& others);

  bool has(const FindingKind& kind) const { return counts_.contains(&kind); }
  std::size_t count(const FindingKind& kind) const;
  std::size_t count(Level level) const;
  const std::vector<SetFinding>& kept() const { return kept_; }
  // Kinds that were found, errors first, in the order of the table.
  std::vector<const FindingKind*> found() const;

 private:
  void add(SetFinding finding);

  std::string file_;
  std::size_t kept_of_a_kind_;
  std::vector<SetFinding> kept_;
  std::map<const FindingKind*, std::size_t> counts_;
};

}  // namespace ocrdet
