#include "cli/wrap.h"

#include <vector>

namespace ocrdet::cli {
namespace {

std::size_t bytesOfCharacter(unsigned char first) {
  if (first < 0xC0) return 1;
  return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

// Three-byte characters from U+2E80 on are those of Chinese and its full-width punctuation.
bool isWide(std::string_view character) {
  return character.size() >= 3 && static_cast<unsigned char>(character[0]) >= 0xE3;
}

std::size_t columnsOf(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view character = text.substr(at, bytesOfCharacter(static_cast<unsigned char>(text[at])));
    columns += isWide(character) ? 2 : 1;
    at += character.size();
  }
  return columns;
}

struct Piece {
  std::string_view text;
  bool space_before;
};

// Words, and every wide character as a piece of its own.
std::vector<Piece> piecesOf(std::string_view line) {
  std::vector<Piece> pieces;
  bool space = false, joins_last = false;
  for (std::size_t at = 0; at < line.size();) {
    const std::string_view character = line.substr(at, bytesOfCharacter(static_cast<unsigned char>(line[at])));
    at += character.size();
    if (character == " ") {
      space = true;
      joins_last = false;
    } else if (joins_last && !isWide(character)) {
      pieces.back().text = std::string_view(pieces.back().text.data(), pieces.back().text.size() + character.size());
    } else {
      pieces.push_back({character, space});
      space = false;
      joins_last = !isWide(character);
    }
  }
  return pieces;
}

}  // namespace

std::string wrapped(std::string_view first, std::string_view text, std::size_t columns) {
  const std::string margin(columnsOf(first), ' ');
  std::string result(first);
  bool first_line = true;
  while (true) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (!first_line) result += "\n" + (line.empty() ? std::string() : margin);
    first_line = false;
    std::size_t column = margin.size();
    bool fresh = true;
    for (const Piece& piece : piecesOf(line)) {
      const std::size_t width = columnsOf(piece.text) + (piece.space_before && !fresh ? 1 : 0);
      if (!fresh && column + width > columns) {
        result += "\n" + margin;
        column = margin.size();
        fresh = true;
      }
      if (piece.space_before && !fresh) result += ' ';
      result += piece.text;
      column += columnsOf(piece.text) + (piece.space_before && !fresh ? 1 : 0);
      fresh = false;
    }
    if (end == std::string_view::npos) return result;
    text.remove_prefix(end + 1);
  }
}

}  // namespace ocrdet::cli
