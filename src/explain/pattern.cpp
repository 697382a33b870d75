#include "explain/pattern.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ocrdet {
namespace {

// Holes travel through canonicalText as control characters.
constexpr char kNumberHole = '\x01', kWordHole = '\x02', kGap = '\x03';

void replaceAll(std::string& text, std::string_view from, char to) {
  for (std::size_t at; (at = text.find(from)) != std::string::npos;) text.replace(at, from.size(), 1, to);
}

// The pattern as canonicalText spells it, without spaces around gaps.
std::string canonicalPattern(std::string_view pattern) {
  std::string text(pattern);
  replaceAll(text, "<n>", kNumberHole);
  replaceAll(text, "<w>", kWordHole);
  replaceAll(text, " … ", kGap);
  replaceAll(text, "… ", kGap);
  replaceAll(text, " …", kGap);
  replaceAll(text, "…", kGap);
  return canonicalText(text).text;
}

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t endOfNumber(std::string_view text, std::size_t at) {
  std::size_t end = at;
  if (end < text.size() && text[end] == '-') ++end;
  const std::size_t first_digit = end;
  while (end < text.size() && isDigit(text[end])) ++end;
  if (end == first_digit) return at;
  // A full stop belongs to the number only with a digit behind it.
  if (end + 1 < text.size() && text[end] == '.' && isDigit(text[end + 1])) {
    ++end;
    while (end < text.size() && isDigit(text[end])) ++end;
  }
  return end;
}

// The word at `at`: up to a space or quote, or to `next`, the literal behind it, if that comes earlier.
std::size_t endOfWord(std::string_view text, std::size_t at, std::string_view next) {
  const std::size_t limit = std::min(text.size(), at + kLongestWord);
  std::size_t end = at;
  while (end < limit && text[end] != ' ' && text[end] != '\'') ++end;
  if (next.empty()) return end;
  const std::size_t found = text.substr(0, std::min(text.size(), end + next.size())).find(next, at + 1);
  return found == std::string_view::npos ? end : std::min(found, end);
}

}  // namespace

Pattern::Pattern(std::string_view pattern) {
  Part part;
  std::string literal;
  const auto endLiteral = [&] {
    if (!literal.empty()) part.push_back({Kind::kLiteral, literal});
    literal.clear();
  };
  const auto endPart = [&] {
    endLiteral();
    if (part.empty() || part.front().kind != Kind::kLiteral) {
      throw std::logic_error("a part of a pattern must start with a literal: " + std::string(pattern));
    }
    parts_.push_back(std::exchange(part, {}));
  };
  for (char c : canonicalPattern(pattern)) {
    if (c == kGap) {
      endPart();
    } else if (c == kNumberHole || c == kWordHole) {
      endLiteral();
      part.push_back({c == kNumberHole ? Kind::kNumber : Kind::kWord, ""});
    } else {
      literal.push_back(c);
    }
  }
  endPart();
}

bool Pattern::matchPart(const Part& part, std::string_view text, std::size_t at, PatternMatch& match) const {
  for (std::size_t i = 0; i < part.size(); ++i) {
    const Piece& piece = part[i];
    if (piece.kind == Kind::kLiteral) {
      if (text.compare(at, piece.literal.size(), piece.literal) != 0) return false;
      at += piece.literal.size();
      continue;
    }
    const std::string_view next = i + 1 < part.size() ? std::string_view(part[i + 1].literal) : std::string_view();
    const std::size_t end = piece.kind == Kind::kNumber ? endOfNumber(text, at) : endOfWord(text, at, next);
    if (end == at) return false;
    match.holes.push_back({at, end});
    at = end;
  }
  match.whole.end = at;
  return true;
}

bool Pattern::find(std::string_view text, std::size_t from, PatternMatch& match) const {
  const std::string& first = parts_.front().front().literal;
  for (std::size_t at = text.find(first, from); at != std::string_view::npos; at = text.find(first, at + 1)) {
    match = {{at, at}, {}};
    bool complete = matchPart(parts_.front(), text, at, match);
    for (std::size_t i = 1; complete && i < parts_.size(); ++i) {
      complete = false;
      const std::size_t gap = match.whole.end;
      const std::string& start = parts_[i].front().literal;
      const std::string_view window = text.substr(0, std::min(text.size(), gap + kLongestGap + start.size()));
      for (std::size_t next = window.find(start, gap); next != std::string_view::npos && !complete;
           next = window.find(start, next + 1)) {
        PatternMatch longer = match;
        longer.holes.push_back({gap, next});
        complete = matchPart(parts_[i], text, next, longer);
        if (complete) match = longer;
      }
    }
    if (complete) return true;
  }
  return false;
}

std::size_t Pattern::literalLength() const {
  std::size_t length = 0;
  for (const Part& part : parts_) {
    for (const Piece& piece : part) length += piece.literal.size();
  }
  return length;
}

std::string Pattern::literals() const {
  std::string words;
  for (const Part& part : parts_) {
    for (const Piece& piece : part) words += piece.literal + ' ';
  }
  return words;
}

}  // namespace ocrdet
