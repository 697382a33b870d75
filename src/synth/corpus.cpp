#include "synth/corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "synth/corpus_text.h"

namespace ocrdet::synth {
namespace {

namespace fs = std::filesystem;

// Where Debian's packages put text; `essay.txt` is a list of words with frequencies. Other systems have some of it.
constexpr const char* kPlaces[] = {
    "/usr/share/common-licenses",
    "/usr/share/games/fortunes",
    "/usr/share/debian-reference",
    "/usr/share/libreoffice/help/en-US/text/swriter",
    "/usr/share/libreoffice/help/zh-CN/text",
    "/usr/share/doc/fontconfig",
};
constexpr const char* kWordList = "/usr/share/rime-data/essay.txt";
constexpr std::size_t kLargestFile = 400'000, kBytesOfAPlace = 3'000'000, kFilesOfAPlace = 400;

bool isText(const fs::path& path) {
  const std::string ending = path.extension().string();
  return ending.empty() || ending == ".txt" || ending == ".html";
}

// Regular files in the order of their paths, links left out: `GPL` is `GPL-3` again.
std::vector<fs::path> textFiles(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code problem;
  for (auto entry = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, problem);
       !problem && entry != fs::recursive_directory_iterator(); entry.increment(problem))
    if (!entry->is_symlink(problem) && entry->is_regular_file(problem) && isText(entry->path()))
      files.push_back(entry->path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string readStart(const fs::path& path, std::size_t most) {
  std::ifstream file(path, std::ios::binary);
  std::string text(most, '\0');
  file.read(text.data(), std::streamsize(most));
  text.resize(std::size_t(std::max<std::streamsize>(0, file.gcount())));
  return text;
}

std::size_t signLength(char lead) {
  const auto value = static_cast<unsigned char>(lead);
  return value < 0x80 ? 1 : value < 0xE0 ? 2 : value < 0xF0 ? 3 : 4;
}

// Signs that fonts of this field have: printable ASCII, Han, CJK punctuation and full-width forms.
bool isDrawable(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = signLength(text[at]);
    if (at + length > text.size()) return false;
    const auto byte = [&](std::size_t i) { return unsigned(static_cast<unsigned char>(text[at + i])); };
    if (length == 1) {
      if (byte(0) < 0x20 || byte(0) > 0x7E) return false;
    } else if (length == 3) {
      const unsigned sign = (byte(0) & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU);
      const bool han = sign >= 0x4E00 && sign <= 0x9FA5;
      const bool punctuation = (sign >= 0x3001 && sign <= 0x3011) || (sign >= 0xFF01 && sign <= 0xFF5E);
      if (!han && !punctuation) return false;
    } else {
      return false;
    }
    at += length;
  }
  return true;
}

std::string_view stripped(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

template <typename Use>
void forEachLine(std::string_view text, const Use& use) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    use(stripped(text.substr(0, end)));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
}

}  // namespace

void Corpus::addSentence(std::string_view line) {
  if (line.size() < 12 || line.size() > 300 || line.find_first_of("&|{}<>\\_") != line.npos || !isDrawable(line))
    return;
  const auto blanks = std::size_t(std::count(line.begin(), line.end(), ' '));
  const bool chinese = isChinese(line);
  // Rules, tables and drawings are no sentences.
  if (!chinese && (blanks < 2 || blanks * 2 > line.size())) return;
  Language& language = chinese ? chinese_ : english_;
  language.sentences.emplace_back(line);
  for (const std::string& word : wordsOf(line)) {
    const bool short_enough = word.size() >= 2 && word.size() <= 14;
    if (!chinese && short_enough && !isChinese(word)) english_.words.push_back(word);
    // Of Chinese, pieces between punctuation; they are what people write today, unlike much of a dictionary.
    if (chinese && word.size() <= 18 && isChinese(word) && signsOf(word).size() * 3 == word.size())
      chinese_.words.push_back(word);
  }
}

void Corpus::addText(std::string_view text) {
  forEachLine(text, [this](std::string_view line) { addSentence(line); });
}

void Corpus::addBuiltIn() {
  for (const std::string_view sentence : englishSentences()) addSentence(sentence);
  for (const std::string_view sentence : chineseSentences()) addSentence(sentence);
  for (const std::string_view word : chineseWords()) chinese_.words.emplace_back(word);
}

const Corpus& Corpus::builtIn() {
  static const Corpus corpus = [] {
    Corpus made;
    made.addBuiltIn();
    return made;
  }();
  return corpus;
}

const Corpus& Corpus::installed() {
  static const Corpus corpus = [] {
    Corpus read;
    read.addBuiltIn();
    for (const char* place : kPlaces) {
      std::size_t bytes = 0, files = 0;
      for (const fs::path& file : textFiles(place)) {
        if (bytes >= kBytesOfAPlace || ++files > kFilesOfAPlace) break;
        const std::string text = readStart(file, kLargestFile);
        bytes += text.size();
        // Entities are left as they are: sentences with `&` are not taken.
        read.addText(file.extension() == ".html" ? withoutTags(text) : text);
      }
    }
    // Words with their frequencies: the rare half of the list is nothing that people write.
    forEachLine(readStart(kWordList, 8'000'000), [&read](std::string_view line) {
      const std::size_t tab = line.find('\t');
      if (tab == line.npos || tab < 3 || tab > 18 || line.size() - tab < 4) return;
      const std::string_view word = line.substr(0, tab);
      if (isDrawable(word) && isChinese(word)) read.chinese_.words.emplace_back(word);
    });
    return read;
  }();
  return corpus;
}

const std::string& Corpus::sentence(Random& random, bool chinese) const {
  return random.pick((chinese ? chinese_ : english_).sentences);
}

const std::string& Corpus::word(Random& random, bool chinese) const {
  return random.pick((chinese ? chinese_ : english_).words);
}

std::string Corpus::phrase(Random& random, bool chinese, int words) const {
  std::string text;
  for (int i = random.whole(1, words); i > 0; --i) text += (text.empty() || chinese ? "" : " ") + word(random, chinese);
  return text;
}

std::string japaneseWord(Random& random, const Corpus& corpus) {
  static const std::vector<std::string> kHiragana = signsOf(
      "あいうえおかがきぎくぐけげこごさざしじすずせただちつってでとどなにねのはばひふぶへべほまみむめもやゆよらりるれろ"
      "わをん");
  static const std::vector<std::string> kKatakana = signsOf(
      "アイウエオカガキギクグケコゴサザシジスズセタダチツッテデトドナニネノハバヒビフブプホマミムメモヤユヨラリルレロワ"
      "ンー");
  const bool foreign = random.chance(0.15);
  std::string word = foreign ? "" : corpus.word(random, true);
  for (int left = random.whole(foreign ? 2 : 1, foreign ? 6 : 4); left > 0; --left)
    word += random.pick(foreign ? kKatakana : kHiragana);
  return word;
}

std::string price(Random& random) {
  const double amount = random.betweenLog(0.5, 3000);
  constexpr const char* kForms[] = {"{:.2f}", "{:.2f}", "${:.2f}", "¥{:.2f}", "{:.0f}.00", "-{:.2f}", "{:.1f}"};
  return fmt::format(fmt::runtime(random.pick(kForms)), amount);
}

std::string date(Random& random, bool chinese) {
  const int year = random.whole(1985, 2026), month = random.whole(1, 12), day = random.whole(1, 28);
  if (chinese && random.chance(0.6)) return fmt::format("{}年{}月{}日", year, month, day);
  switch (random.whole(0, 4)) {
    case 0:
      return fmt::format("{}-{:02}-{:02}", year, month, day);
    case 1:
      return fmt::format("{:02}/{:02}/{}", day, month, year);
    case 2:
      return fmt::format("{:02}.{:02}.{:02}", day, month, year % 100);
    case 3:
      return fmt::format("{}/{}/{}", year, month, day);
    default: {
      constexpr const char* kMonths[] = {"Jan",  "Feb", "March", "April", "May", "June",
                                         "July", "Aug", "Sept",  "Oct",   "Nov", "December"};
      return fmt::format("{} {}, {}", kMonths[month - 1], day, year);
    }
  }
}

std::string clockTime(Random& random) {
  return random.chance(0.5)
             ? fmt::format("{:02}:{:02}", random.whole(0, 23), random.whole(0, 59))
             : fmt::format("{:02}:{:02}:{:02}", random.whole(0, 23), random.whole(0, 59), random.whole(0, 59));
}

std::string digits(Random& random, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += char('0' + random.whole(i == 0 ? 1 : 0, 9));
  return text;
}

std::string phoneNumber(Random& random) {
  switch (random.whole(0, 3)) {
    case 0:
      return fmt::format("{}-{}", digits(random, 3), digits(random, 4));
    case 1:
      return fmt::format("({}) {} {}", digits(random, 3), digits(random, 3), digits(random, 4));
    case 2:
      return "1" + digits(random, 10);
    default:
      return fmt::format("0{}-{}", digits(random, 2), digits(random, 8));
  }
}

std::string address(Random& random, const Corpus& corpus) {
  std::string name;
  for (const char c : corpus.word(random, false))
    if (std::isalpha(static_cast<unsigned char>(c))) name += char(std::tolower(static_cast<unsigned char>(c)));
  if (name.empty()) name = "info";
  constexpr const char* kEnds[] = {"example.com", "example.org", "example.net"};
  return random.chance(0.5) ? fmt::format("www.{}.{}", name, random.pick(kEnds))
                            : fmt::format("{}@{}", name, random.pick(kEnds));
}

std::vector<std::string> wordsOf(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end = [&] {
    if (!word.empty()) words.push_back(std::exchange(word, {}));
  };
  for (const std::string& sign : signsOf(text)) {
    if (sign == " ") {
      end();
      continue;
    }
    word += sign;
    if (sign == "，" || sign == "。" || sign == "；" || sign == "：" || sign == "、" || sign == "！") end();
  }
  end();
  return words;
}

std::string withoutTags(const std::string& html) {
  std::string text;
  for (std::size_t at = 0; at < html.size();) {
    if (html[at] != '<') {
      text += html[at++];
      continue;
    }
    for (const char* name : {"script", "style"}) {
      if (html.compare(at + 1, std::char_traits<char>::length(name), name) != 0) continue;
      at = std::min(html.find(std::string("</") + name, at), html.size());
      break;  // perhaps at the end, where there is nothing to compare
    }
    at = std::min(html.find('>', at), html.size() - 1) + 1;
    text += '\n';
  }
  return text;
}

std::string upperCase(std::string_view text) {
  std::string upper(text);
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = char(c - 'a' + 'A');
  return upper;
}

std::vector<std::string> signsOf(std::string_view text) {
  std::vector<std::string> signs;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = std::min(signLength(text[at]), text.size() - at);
    signs.emplace_back(text.substr(at, length));
    at += length;
  }
  return signs;
}

bool isChinese(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0xE4 && static_cast<unsigned char>(c) <= 0xE9) return true;
  return false;
}

}  // namespace ocrdet::synth
