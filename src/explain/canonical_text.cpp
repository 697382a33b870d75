#include "explain/canonical_text.h"

#include <algorithm>
#include <utility>

namespace ocrdet {
namespace {

struct Replacement {
  std::string_view from;
  std::string_view to;
};

// UTF-8 signs that word processors, chat programs and Chinese keyboards put in place of ASCII.
constexpr Replacement kReplacements[] = {
    {"\xE2\x80\x98", "'"},       {"\xE2\x80\x99", "'"}, {"\xE2\x80\x9C", "'"}, {"\xE2\x80\x9D", "'"},  // ‘ ’ “ ”
    {"\xC2\xA0", " "},           {"\xE3\x80\x80", " "},                                                // spaces
    {"\xEF\xBC\x9A", ":"},       {"\xEF\xBC\x8C", ","}, {"\xEF\xBC\x88", "("}, {"\xEF\xBC\x89", ")"},  // ：，（）
    {"\xEF\xBC\x9B", ";"},       {"\xE3\x80\x82", "."}, {"\xEF\xBC\x9F", "?"}, {"\xEF\xBC\x81", "!"},  // ；。？！
    {"\xEF\xBB\xBF", "\\ufeff"},  // as Python prints it
};

bool isSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool takesNoSpace(char c) {
  return std::string_view(":,;()[]{}='|*").find(c) != std::string_view::npos;
}

// Length of a terminal's colour code at the start of `text`, 0 if there is none.
std::size_t colourCode(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const std::size_t end = text.find_first_not_of("0123456789;", 2);
  return end == std::string_view::npos ? text.size() : end + 1;
}

// "\n", "\t" and "\r" written out, as in JSON; not the start of a folder's name in a Windows path.
bool isWrittenBreak(std::string_view text) {
  if (text.size() < 2 || text[0] != '\\' || std::string_view("ntr").find(text[1]) == std::string_view::npos)
    return false;
  if (text.size() == 2) return true;
  const char next = text[2];
  return isSpace(next) || next == '\\' || next == '"' || next == '\'' || (next >= 'A' && next <= 'Z');
}

class Builder {
 public:
  explicit Builder(CanonicalText& result) : result_(result) {}

  void add(char c, std::size_t from) {
    if (c == '"' || c == '`') c = '\'';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    std::string& text = result_.text;
    if (isSpace(c)) {
      if (!text.empty() && text.back() != ' ' && !takesNoSpace(text.back())) push(' ', from);
      return;
    }
    if (takesNoSpace(c) && !text.empty() && text.back() == ' ') {
      text.pop_back();
      result_.origin.pop_back();
    }
    push(c, from);
  }

 private:
  void push(char c, std::size_t from) {
    result_.text.push_back(c);
    result_.origin.push_back(static_cast<std::uint32_t>(from));
  }

  CanonicalText& result_;
};

}  // namespace

std::string_view CanonicalText::originalWords(std::size_t begin, std::size_t end) const {
  if (begin >= end || begin >= origin.size()) return {};
  const std::size_t last = origin[std::min(end, origin.size()) - 1];
  return std::string_view(original).substr(origin[begin], last - origin[begin] + 1);
}

CanonicalText canonicalText(std::string_view text) {
  CanonicalText result;
  result.original = std::string(text.substr(0, kLongestText));
  if (result.original.starts_with("\xEF\xBB\xBF")) result.original.erase(0, 3);  // a text file's own mark
  const std::string_view source = result.original;
  Builder builder(result);
  for (std::size_t at = 0; at < source.size();) {
    const std::string_view rest = source.substr(at);
    const auto known = std::find_if(std::begin(kReplacements), std::end(kReplacements),
                                    [&](const Replacement& each) { return rest.starts_with(each.from); });
    if (const std::size_t code = colourCode(rest); code > 0) {
      at += code;
    } else if (isWrittenBreak(rest)) {
      builder.add(' ', at);
      at += 2;
    } else if (rest.size() > 1 && rest[0] == '\\' && (rest[1] == '"' || rest[1] == '\'')) {
      ++at;
    } else if (known != std::end(kReplacements)) {
      for (char c : known->to) builder.add(c, at);
      at += known->from.size();
    } else {
      builder.add(rest[0], at);
      ++at;
    }
  }
  if (!result.text.empty() && result.text.back() == ' ') {
    result.text.pop_back();
    result.origin.pop_back();
  }
  return result;
}

}  // namespace ocrdet
