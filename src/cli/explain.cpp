// `ocrdet explain`: cause and fix of an error message, or of trouble told in plain words.

#include "explain/explain.h"

#include <fmt/format.h>

#include <iostream>
#include <iterator>

#include "cli/commands.h"
#include "cli/wrap.h"

namespace ocrdet::cli {
namespace {

// A log may be long; explain() looks at the first 64 KiB anyway.
std::string standardInput() {
  std::string text(std::size_t{1} << 16, '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::cin.gcount()));
  return text;
}

void printCause(const Cause& cause, const Console& console) {
  console.text(fmt::format("{}", cause.id));
  console.text(wrapped("  ", cause.what));
  if (*cause.what_zh != '\0') console.text(wrapped("  ", cause.what_zh));
  if (*cause.why != '\0') console.text(wrapped("  why: ", cause.why));
  console.text(wrapped("  fix: ", cause.fix));
  if (*cause.fix_zh != '\0') console.text(wrapped("  ", cause.fix_zh));
  if (*cause.command != '\0') console.text(wrapped("  try: ", cause.command));
}

void printKnown(const Explanation& answer, const Console& console) {
  if (answer.code != nullptr) {
    console.text(
        fmt::format("{}: {}. docs/errors.md has a paragraph about it.", answer.code->name, answer.code->meaning));
  }
  if (!answer.recognised.empty()) console.text(wrapped("recognised: ", answer.recognised));
  for (std::size_t i = 0; i < answer.causes.size(); ++i) {
    console.text(i == 0 ? "" : "\nor:");
    printCause(*answer.causes[i], console);
    if (i > 0) continue;
    for (const std::string& sentence : answer.numbers) console.text(wrapped("  numbers: ", sentence));
  }
}

ExitStatus run(const std::string& given, const Console& console) {
  const Explanation answer = explain(given == "-" ? standardInput() : given);
  console.document(toJson(answer));
  if (answer.known()) {
    printKnown(answer, console);
    return ExitStatus::kDone;
  }
  console.text("This text is not known. What resembles it most:");
  for (const Cause* cause : answer.nearest) console.text(wrapped(fmt::format("  {}: ", cause->id), cause->what));
  return ExitStatus::kSomeFailed;
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
                                     return run(text, console);
                                   });
  command.add_option("TEXT", *words, "The message, an error code, or a symptom; - reads standard input")->required();
}

}  // namespace ocrdet::cli
