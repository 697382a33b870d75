// `ocrdet explain`: cause and fix of an error message, or of trouble told in plain words.

#include "explain/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "cli/commands.h"
#include "cli/wrap.h"
#include "explain/canonical_text.h"

namespace ocrdet::cli {
namespace {

std::string standardInput() {
  std::string text(kLongestText, '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::cin.gcount()));
  return text;
}

// Chinese characters are U+4E00 to U+9FFF, whose UTF-8 starts with E4 to E9.
bool isChinese(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0xE4 && byte <= 0xE9;
  });
}

void printCause(const Cause& cause, const std::vector<std::string>& numbers, bool chinese, const Console& console) {
  console.text(cause.id);
  if (chinese && *cause.what_zh != '\0') {
    console.text(wrapped("  ", cause.what_zh));
    console.text(wrapped("  ", cause.fix_zh));
    console.text("");
  }
  console.text(wrapped("  ", cause.what));
  for (const std::string& sentence : numbers) console.text(wrapped("  ", sentence));
  if (*cause.why != '\0') console.text(wrapped("  Why: ", cause.why));
  console.text(wrapped("  Fix: ", cause.fix));
  console.text("");
  // Commands are never broken, so that they can be copied.
  std::string_view commands = cause.command;
  while (!commands.empty()) {
    const std::size_t end = std::min(commands.find('\n'), commands.size());
    console.text(fmt::format("    $ {}", commands.substr(0, end)));
    commands.remove_prefix(std::min(end + 1, commands.size()));
  }
}

void printKnown(const Explanation& answer, bool chinese, const Console& console) {
  if (answer.code != nullptr) {
    console.text(fmt::format("{}: {}", answer.code->name, answer.code->meaning));
    console.text(wrapped("  ", answer.code_paragraph));
  }
  for (std::size_t i = 0; i < answer.causes.size(); ++i) {
    if (i > 0) console.text("\nIt may also be:");
    if (i == 0 && answer.code != nullptr) console.text("");
    printCause(*answer.causes[i], i == 0 ? answer.numbers : std::vector<std::string>(), chinese, console);
  }
}

void printUnknown(const Explanation& answer, const Console& console) {
  console.text("This text is not known. What resembles it most:");
  for (const Cause* cause : answer.nearest) {
    console.text("");
    console.text(cause->id);
    console.text(wrapped("  ", cause->what));
  }
  console.text("\n`ocrdet explain NAME` tells more about one of them; the last line of an error message says most.");
}

ExitStatus runExplain(const std::string& given, const Console& console) {
  const std::string text = given == "-" ? standardInput() : given;
  const Explanation answer = explain(text);
  console.document(toJson(answer));
  if (answer.known()) {
    printKnown(answer, isChinese(text), console);
  } else {
    printUnknown(answer, console);
  }
  return answer.known() ? ExitStatus::kDone : ExitStatus::kSomeFailed;
}

}  // namespace

void addExplain(Commands& commands) {
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App& command = commands.add("explain", "Say what an error message means, and what helps.",
                                   {"ocrdet explain \"The size of tensor a (42) must match the size of tensor b (41)\"",
                                    "ocrdet explain 框错位", "python export.py 2>&1 | ocrdet explain -"},
                                   [words](const Console& console) {
                                     std::string text;
                                     for (const std::string& word : *words) text += (text.empty() ? "" : " ") + word;
                                     return runExplain(text, console);
                                   });
  command.add_option("TEXT", *words, "The message, an error code, or a symptom; - reads standard input")->required();
}

}  // namespace ocrdet::cli
