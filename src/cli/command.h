// What every command shares: the options that have the same name everywhere, and how results and errors leave the
// program.
//
// A command is one file with one function `void addXxx(Commands&)`, listed in main.cpp. It declares its options and a
// body:
//
//   void addCheck(Commands& commands) {
//     auto options = std::make_shared<CheckOptions>();
//     CLI::App& command = commands.add("check", "Say whether an input size is valid, and which one is.",
//                                      {"ocrdet check 800x800", "ocrdet check 819x819 --json", "…"},
//                                      [options](const Console& console) { return runCheck(*options, console); });
//     command.add_option("SIZE", options->size, "height x width")->required();
//   }
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "ocrdet/error.h"

namespace ocrdet::cli {

// Where results go. Text and JSON are never mixed: with --json exactly one document is printed, and text() does
// nothing.
struct Console {
  bool json = false;
  bool quiet = false;
  std::string configuration;          // --config: the file that options were read from
  std::filesystem::path onnxruntime;  // --onnxruntime: library file or folder; empty: look in the usual places

  void text(std::string_view line) const;     // one line of the result on stdout, unless --json
  void document(const Json& document) const;  // the result on stdout, only with --json
};

// A line of the result on stdout; `at_once` for whoever waits for it. Throws file.unwritable when nobody can read it.
void printResult(const std::string& text, bool at_once);

class Commands {
 public:
  explicit Commands(CLI::App& app) : app_(app) {}

  using Body = std::function<ExitStatus(const Console&)>;
  // A command that has commands of its own; add() those as "GROUP NAME" afterwards.
  void addGroup(const std::string& name, const std::string& description, const std::vector<std::string>& examples);

  // `examples` are three complete command lines; they end the help text.
  CLI::App& add(const std::string& name, const std::string& description, const std::vector<std::string>& examples,
                Body body);

  // --onnxruntime, for commands that run a model.
  void addRuntimeOption(CLI::App& command);

  // Parses and runs; returns the exit status. Prints errors as text on stderr, or as JSON on stdout with --json (as
  // text when nobody reads that).
  int run(int argc, char** argv);

 private:
  struct Entry {
    std::vector<std::string> words;  // as the user types them: {"check"}, {"dataset", "check"}
    CLI::App* app;
    Body body;
    std::shared_ptr<Console> console;
  };
  const Entry* chosenBy(const std::vector<std::string>& arguments) const;

  CLI::App& app_;
  std::vector<Entry> entries_;
};

// An error as people read it: message and advice, wrapped, coloured on a terminal; every problem of it.
void printError(const Error& error, bool json);

}  // namespace ocrdet::cli
