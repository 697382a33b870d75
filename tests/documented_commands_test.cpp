// Every command shown in README.md and docs/ runs and prints what the page says.
//
// A fenced block marked `console` holds commands (lines starting with "$ ") and their output. They run in order, all
// blocks of a page in one scratch folder, with `ocrdet` first on the path. In the shown output a line "…" stands for
// any lines, and "…" inside a line for any text (times, sizes of memory). A block marked `console no-run` is shown but
// not run, and must say why in the same line: `console no-run: needs the training set`.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "source_tree.h"
#include "support/sanitized.h"

namespace ocrdet::test {
namespace {

namespace fs = std::filesystem;

struct ShownCommand {
  int line;
  std::string command;
  std::string output;
};

struct Page {
  std::vector<ShownCommand> commands;
  std::vector<std::string> unexplained;  // fenced shell blocks that the test cannot run and that give no reason
};

Page readPage(const fs::path& path) {
  Page page;
  std::istringstream lines(readText(path));
  bool console = false, fenced = false;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.starts_with("```")) {
      const std::string kind = line.substr(3);
      fenced = !fenced;
      console = fenced && kind == "console";
      const bool shell = kind.starts_with("sh") || kind.starts_with("bash") || kind.starts_with("console no-run");
      if (fenced && shell && !kind.starts_with("console no-run: "))
        page.unexplained.push_back(std::to_string(number) + ": " + line);
    } else if (console && line.starts_with("$ ")) {
      page.commands.push_back({number, line.substr(2), ""});
    } else if (console && !page.commands.empty()) {
      ShownCommand& last = page.commands.back();
      if (last.output.empty() && last.command.ends_with('\\')) {
        last.command += "\n" + line;
      } else {
        last.output += line + "\n";
      }
    }
  }
  return page;
}

// Glob match in which "…" stands for any text, newlines included.
bool matches(std::string_view pattern, std::string_view text) {
  static constexpr std::string_view kAnything = "…";
  const std::size_t gap = pattern.find(kAnything);
  if (gap == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, gap))) return false;
  const std::string_view rest = pattern.substr(gap + kAnything.size());
  for (std::size_t skip = gap; skip <= text.size(); ++skip) {
    if (matches(rest, text.substr(skip))) return true;
  }
  return false;
}

std::string run(const std::string& command, const fs::path& folder) {
  const fs::path script = folder / ".command";
  std::ofstream(script) << command << "\n";
  // Quiet: how much progress is shown depends on the machine's speed.
  const std::string line = "cd '" + folder.string() + "' && OCRDET_QUIET=1 PATH='" +
                           fs::path(OCRDET_PROGRAM).parent_path().string() + "':\"$PATH\" bash .command 2>&1";
  FILE* pipe = popen(line.c_str(), "r");
  std::string output;
  char buffer[4096];
  for (std::size_t count; (count = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, count);
  pclose(pipe);
  return output;
}

class DocumentedCommands : public testing::TestWithParam<fs::path> {};

TEST_P(DocumentedCommands, PrintWhatThePageSays) {
  const Page page = readPage(GetParam());
  for (const std::string& block : page.unexplained) ADD_FAILURE() << "not run, and no reason given: line " << block;
  if (page.commands.empty()) return;
  const bool trains = std::any_of(page.commands.begin(), page.commands.end(),
                                  [](const ShownCommand& shown) { return shown.command.starts_with("ocrdet train "); });
  if (trains && !fs::exists(fs::path(OCRDET_PROGRAM).parent_path() / "ocrdet-train"))
    GTEST_SKIP() << "ocrdet-train was not built";
  const bool links = std::any_of(page.commands.begin(), page.commands.end(), [](const ShownCommand& shown) {
    return shown.command.find("cmake --install") != std::string::npos;
  });
  if (links && test::kSanitized) GTEST_SKIP() << "a library with sanitizers cannot be loaded by a program without";
  const fs::path folder =
      fs::path(testing::TempDir()) / ("documented_" + std::to_string(getpid()) + GetParam().stem().string());
  fs::create_directories(folder);
  // What the pages take as given: the checkpoint and the photograph of the repository, under short names.
  for (const char* kept : {"models", "docs", "examples", "tests"}) {
    fs::create_directory_symlink(fs::path(OCRDET_SOURCE_DIR) / kept, folder / kept);
  }
  fs::create_symlink(fs::path(OCRDET_PROGRAM).parent_path().parent_path(), folder / "build");
  for (const ShownCommand& shown : page.commands) {
    const std::string output = run(shown.command, folder);
    EXPECT_TRUE(matches(shown.output, output))
        << GetParam().filename() << ":" << shown.line << ": $ " << shown.command << "\n--- the page says\n"
        << shown.output << "--- it prints\n"
        << output;
  }
  fs::remove_all(folder);
}

std::vector<fs::path> pages() {
  std::vector<fs::path> found = filesBelow("docs", {".md"});
  found.push_back(fs::path(OCRDET_SOURCE_DIR) / "README.md");
  return found;
}

INSTANTIATE_TEST_SUITE_P(Pages, DocumentedCommands, testing::ValuesIn(pages()), [](const auto& page) {
  std::string name = page.param.stem().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

}  // namespace
}  // namespace ocrdet::test
