// The grammar of a message: words with holes for what varies.
//
//   "size of tensor a (<n>) must match the size of tensor b (<n>)"      <n>  a number, also negative or with decimals
//   "Load model from … failed: Protobuf parsing failed"                 <w>  a word: no spaces, no quotes
//                                                                       …    anything, at most kLongestGap characters
//
// Everything else is literal and compared as canonicalText spells it. Matching never goes back further than to the next
// occurrence of the first words, so its time is linear in the text for every input; std::regex would recurse.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "explain/canonical_text.h"

namespace ocrdet {

inline constexpr std::size_t kLongestGap = 400;
inline constexpr std::size_t kLongestWord = 300;

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct PatternMatch {
  Span whole;
  std::vector<Span> holes;  // one for each <n>, <w> and …, in order
};

class Pattern {
 public:
  // Each part between "…" must start with a literal.
  explicit Pattern(std::string_view text);

  // The leftmost match that starts at `from` or later. Returns whether there is one.
  bool find(std::string_view canonical, std::size_t from, PatternMatch& match) const;

  // Number of literal characters: how much a match says.
  std::size_t literalLength() const;
  // The literal words, for comparing with texts that do not match.
  std::string literals() const;

 private:
  enum class Kind { kLiteral, kNumber, kWord };
  struct Piece {
    Kind kind;
    std::string literal;
  };
  using Part = std::vector<Piece>;

  bool matchPart(const Part& part, std::string_view text, std::size_t at, PatternMatch& match) const;

  std::vector<Part> parts_;  // what stands between the gaps
};

}  // namespace ocrdet
