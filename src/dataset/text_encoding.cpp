#include "dataset/text_encoding.h"

#include <iconv.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

#include "dataset/text_lines.h"

namespace ocrdet {
namespace {

// Length of the UTF-8 sequence at the front, 0 if there is none: shortest forms, no surrogates, up to U+10FFFF.
std::size_t sequenceLength(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned lead = at(0);
  const auto follows = [&](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!follows(1) || !follows(2)) return 0;
    if ((lead == 0xE0 && at(1) < 0xA0) || (lead == 0xED && at(1) > 0x9F)) return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if ((lead == 0xF0 && at(1) < 0x90) || (lead == 0xF4 && at(1) > 0x8F)) return 0;
    return 4;
  }
  return 0;
}

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// How far bytes are UTF-8.
struct Utf8 {
  std::size_t signs = 0;                 // beyond ASCII
  std::size_t bad_bytes = 0;             // of no sign
  std::optional<std::size_t> first_bad;  // where the first of them is
  std::string mended;                    // if any, all of it with one replacement sign for each stretch of them
};

Utf8 readUtf8(std::string_view text) {
  Utf8 read;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequenceLength(text.substr(at, 4));
    if (length > 1) ++read.signs;
    if (length > 0) {
      if (read.first_bad) read.mended += text.substr(at, length);
    } else {
      if (!read.first_bad) {
        read.first_bad = at;
        read.mended = text.substr(0, at);
      }
      ++read.bad_bytes;
      if (!read.mended.ends_with(kReplacement)) read.mended += kReplacement;
    }
    at += std::max<std::size_t>(length, 1);
  }
  return read;
}

// GB18030 reads nearly everything. In Chinese text most signs are two bytes beyond ASCII; in a Western file what
// follows an accented letter is most often a plain one.
bool looksChinese(std::string_view bytes) {
  std::size_t high = 0, low = 0;
  const auto is_high = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]) >= 0x80; };
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i)
    if (is_high(i)) ++(is_high(++i) ? high : low);
  return high > low;
}

std::optional<std::string> converted(std::string_view bytes, const char* from) {
  const iconv_t handle = iconv_open("UTF-8", from);
  if (reinterpret_cast<std::intptr_t>(handle) == -1) return {};
  const std::unique_ptr<void, decltype([](iconv_t open) { iconv_close(open); })> closer(handle);
  std::string text(bytes.size() * 3 + 4, '\0');  // no encoding here needs more
  char* in = const_cast<char*>(bytes.data());    // iconv's interface; it does not write there
  char* out = text.data();
  std::size_t in_left = bytes.size(), out_left = text.size();
  if (iconv(handle, &in, &in_left, &out, &out_left) == static_cast<std::size_t>(-1)) return {};
  text.resize(text.size() - out_left);
  return text;
}

std::string fromLatin1(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto value = static_cast<unsigned char>(c);
    if (value < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xC0U | value >> 6U);
      text += static_cast<char>(0x80U | (value & 0x3FU));
    }
  }
  return text;
}

// Files of digits and commas: in UTF-16 every second byte is zero. Tells the order of the bytes, or nothing.
const char* utf16Name(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) return "UTF-16LE";
  if (bytes.starts_with("\xFE\xFF")) return "UTF-16BE";
  const std::string_view sample = bytes.substr(0, 64);
  if (sample.size() < 4) return nullptr;
  std::size_t zeros[2] = {0, 0};
  for (std::size_t i = 0; i < sample.size(); ++i) zeros[i % 2] += sample[i] == '\0';
  if (zeros[1] * 3 > sample.size() && zeros[0] == 0) return "UTF-16LE";
  if (zeros[0] * 3 > sample.size() && zeros[1] == 0) return "UTF-16BE";
  return nullptr;
}

// Makes line feeds of the carriage returns that stand alone between lines; returns whether there were any. Those before
// a line feed, however many, are the end of their line.
bool feedLoneReturns(std::string& text) {
  const std::string_view lines = trimmed(text);
  const std::size_t end_of_lines = lines.empty() ? 0 : std::size_t(lines.data() - text.data()) + lines.size();
  bool any = false;
  for (std::size_t at = 0; (at = text.find('\r', at)) < end_of_lines;) {
    const std::size_t end = text.find_first_not_of('\r', at);
    if (text[end] != '\n') {
      std::fill(text.begin() + std::ptrdiff_t(at), text.begin() + std::ptrdiff_t(end), '\n');
      any = true;
    }
    at = end;
  }
  return any;
}

void decodeOther(std::string_view bytes, const Utf8& read, DecodedText& decoded) {
  decoded.first_bad_line = int(std::count(bytes.begin(), bytes.begin() + std::ptrdiff_t(*read.first_bad), '\n')) + 1;
  if (read.signs > read.bad_bytes) {
    decoded.read_as = "damaged UTF-8";
    decoded.text = withoutMark(read.mended);
    return;
  }
  const auto chinese = looksChinese(bytes) ? converted(bytes, "GB18030") : std::nullopt;
  decoded.read_as = chinese ? "GB18030" : "ISO 8859-1";
  decoded.text = withoutMark(chinese ? *chinese : fromLatin1(bytes));
}

}  // namespace

DecodedText decodeText(std::string_view bytes) {
  DecodedText decoded;
  decoded.mark = bytes.starts_with("\xEF\xBB\xBF");
  if (const char* name = utf16Name(bytes)) {
    decoded.utf16 = true;
    const auto text = converted(bytes.substr(0, bytes.size() / 2 * 2), name);
    decoded.text = text ? std::string(withoutMark(*text)) : fromLatin1(bytes);
  } else if (Utf8 read = readUtf8(bytes); read.first_bad) {
    decodeOther(bytes, read, decoded);
  } else {
    decoded.text = withoutMark(bytes);
  }
  decoded.lone_returns = feedLoneReturns(decoded.text);
  return decoded;
}

}  // namespace ocrdet
