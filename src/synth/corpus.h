// What synthetic pictures say: words and sentences that the system carries, and made-up numbers, dates and addresses.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace ocrdet::synth {

// Text is UTF-8 throughout. A "phrase" fits one line of a sign.
class Corpus {
 public:
  // A list of words, fortunes, licences and documentation of this system in a fixed order, at most a few megabytes; a
  // few hundred sentences of our own where there is nothing else. Read once.
  static const Corpus& installed();
  // Only what is built in: small, and the same on every machine.
  static const Corpus& builtIn();

  const std::string& sentence(Random& random, bool chinese) const;
  const std::string& word(Random& random, bool chinese) const;  // a Chinese word has 1 to 6 signs
  // One to `words` words; Chinese without blanks.
  std::string phrase(Random& random, bool chinese, int words) const;

 private:
  struct Language {
    std::vector<std::string> words, sentences;
  };
  void addText(std::string_view text);
  void addSentence(std::string_view line);
  void addBuiltIn();
  Language english_, chinese_;
};

// Made up: Han signs with kana behind them, or katakana alone, which is what Japanese looks like.
std::string japaneseWord(Random& random, const Corpus& corpus);
// Commas and full stops that fill a square, as other Chinese and Japanese signs do.
inline constexpr std::string_view kMarks[] = {"、", "。", "，"};

std::string price(Random& random);
std::string date(Random& random, bool chinese);
std::string clockTime(Random& random);
std::string digits(Random& random, int count);
std::string phoneNumber(Random& random);
std::string address(Random& random, const Corpus& corpus);  // "www.…", "name@…"

// Pieces between blanks; a Chinese sentence is one piece, cut behind its punctuation.
std::vector<std::string> wordsOf(std::string_view text);
// What stands between the tags of HTML, each tag a new line; scripts and styles are left out. Entities stay.
std::string withoutTags(const std::string& html);
std::string upperCase(std::string_view text);  // ASCII letters only
// The signs one by one.
std::vector<std::string> signsOf(std::string_view text);
bool isChinese(std::string_view text);  // has a Han sign

}  // namespace ocrdet::synth
