#include "cli/command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <sstream>

#include "base/cancellation.h"
#include "base/closest_match.h"
#include "base/log.h"
#include "base/mapped_file.h"

namespace ocrdet::cli {
namespace {

// Long option names of a command, as the user types them.
std::vector<std::string> optionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string environmentName(const std::string& option_name) {
  std::string name = "OCRDET_" + option_name.substr(2);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return c == '-' ? '_' : std::toupper(c); });
  return name;
}

// Descriptors that the caller closed (`2>&-`, some services): the next file that is opened would get one, and what is
// printed would land in it.
void holdStandardStreams() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor)
    if (fcntl(descriptor, F_GETFD) < 0) open("/dev/null", O_RDWR);  // takes the lowest that is free: this one
}

bool asksForJson(const std::vector<std::string>& arguments) {
  return std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
}

// False when nobody will read it: the disk is full, or the reader of a pipe has gone.
bool reachesOutput(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
}

Error outputLost() {
  return Error({&codes::kFileUnwritable,
                "Standard output cannot be written.",
                "Check that the disk has room, and that the program that reads it still runs.",
                {},
                std::strerror(errno)});
}

bool isOn(std::string value) {
  std::transform(value.begin(), value.end(), value.begin(), [](unsigned char c) { return std::tolower(c); });
  return !value.empty() && value != "0" && value != "false" && value != "off" && value != "no";
}

// A trial, so that afterwards every option of the command counts how often the words name it: by position and by its
// short name, too. What is wrong with them is said by the parse that counts.
void countGiven(CLI::App& app, const std::vector<std::string>& arguments) {
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Error&) {
  }
}

void addOption(const CLI::Option& option, const std::string& name, const std::vector<std::string>& values,
               std::vector<std::string>& added) {
  const bool flag = option.get_items_expected_max() == 0;
  for (const std::string& value : values) {
    if (!flag) added.push_back(fmt::format("{}={}", name, value));
    if (flag && isOn(value)) added.push_back(name);
  }
}

// Environment variables OCRDET_*, unless the command line gives that option. Options go behind the command's words.
void addEnvironment(const CLI::App& command, std::size_t words, std::vector<std::string>& arguments) {
  std::vector<std::string> added;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& long_name : option->get_lnames()) {
      const std::string name = "--" + long_name;
      const char* value = std::getenv(environmentName(name).c_str());
      if (value != nullptr && long_name != "help" && option->count() == 0) addOption(*option, name, {value}, added);
    }
  }
  arguments.insert(arguments.begin() + std::ptrdiff_t(words), added.begin(), added.end());
}

// The value of `--name VALUE` or `--name=VALUE`; empty: it is not given.
std::string valueOf(const std::string& name, const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].starts_with(name + "=")) return arguments[i].substr(name.size() + 1);
    if (arguments[i] == name && i + 1 < arguments.size()) return arguments[i + 1];
  }
  return "";
}

// CLI11 takes a # within quotes for a comment, too, and knows nothing of TOML's escapes. Both are hidden from it as
// control characters.
constexpr std::pair<std::string_view, char> kHidden[] = {{"#", '\x01'}, {"\\\"", '\x02'}, {"\\\\", '\x03'}};

std::string hideWithinQuotes(std::string_view text) {
  std::string hidden;
  bool quoted = false;
  while (!text.empty()) {
    const auto* found = std::find_if(std::begin(kHidden), std::end(kHidden),
                                     [&](const auto& each) { return quoted && text.starts_with(each.first); });
    const bool hides = found != std::end(kHidden);
    if (!hides && text.front() == '"') quoted = !quoted;
    if (text.front() == '\n') quoted = false;
    hidden += hides ? found->second : text.front();
    text.remove_prefix(hides ? found->first.size() : 1);
  }
  return hidden;
}

std::string revealed(std::string value) {
  for (char& c : value)
    for (const auto& [shown, hidden] : kHidden)
      if (c == hidden) c = shown.back();
  return value;
}

std::vector<CLI::ConfigItem> readConfiguration(const std::string& path) {
  try {
    const auto file = MappedFile::open(path);
    std::istringstream text(
        hideWithinQuotes({reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size()}));
    std::vector<CLI::ConfigItem> items = CLI::ConfigTOML().from_config(text);
    for (CLI::ConfigItem& item : items)
      for (std::string& value : item.inputs) value = revealed(std::move(value));
    return items;
  } catch (const CLI::Error& error) {
    throw Error({&codes::kUsageConfig,
                 fmt::format("{} cannot be read as TOML.", path),
                 "Write lines such as `opset = 12`.",
                 {{"path", path}},
                 error.what()});
  }
}

// Of a file: what is not given elsewhere. Options stand at the top, or in a section [COMMAND] or [GROUP.COMMAND];
// sections of other commands are theirs.
void addConfiguration(const CLI::App& command, const std::vector<std::string>& words, const std::string& path,
                      std::vector<std::string>& arguments) {
  if (path.empty()) return;
  std::vector<std::string> added;
  for (const CLI::ConfigItem& item : readConfiguration(path)) {
    if (item.name == "++" || item.name == "--") continue;  // begin and end of a section
    if (!item.parents.empty() && item.parents != words) continue;
    const std::string name = "--" + item.name;
    const CLI::Option* option = command.get_option_no_throw(name);
    if (option == nullptr) {
      const auto match = closestMatch(name, optionNames(command));
      throw Error({&codes::kUsageConfig,
                   fmt::format("{}: `{}` is no option of {}.", path, item.name, fmt::join(words, " ")),
                   match ? fmt::format("Did you mean `{}`?", match->substr(2))
                         : fmt::format("`ocrdet {} --help` lists the options.", fmt::join(words, " ")),
                   {{"path", path}, {"given", item.name}}});
    }
    if (option->count() == 0) addOption(*option, name, item.inputs, added);
  }
  arguments.insert(arguments.begin() + std::ptrdiff_t(words.size()), added.begin(), added.end());
}

// Everything that options come from, in its order: a run of training that goes on has those that it began with.
void addFromElsewhere(CLI::App& app, const CLI::App& command, const std::vector<std::string>& words,
                      std::vector<std::string>& arguments) {
  countGiven(app, arguments);
  addEnvironment(command, words.size(), arguments);
  countGiven(app, arguments);
  addConfiguration(command, words, valueOf("--config", arguments), arguments);
  const std::string run = valueOf("--resume", arguments);
  if (words != std::vector<std::string>{"train"} || run.empty()) return;
  countGiven(app, arguments);
  addConfiguration(command, words, run + "/config.toml", arguments);
}

// CLI11 says only that arguments were not expected; a user wants to know which one, and what it was meant to be.
// `words` are those of the command, or of a group, or none.
Error usageError(const CLI::App& app, std::size_t words, bool is_command, const CLI::ParseError& error,
                 std::vector<std::string> arguments) {
  std::vector<std::string> known;
  if (is_command) {
    known = optionNames(app);
  } else {
    for (const CLI::App* each : app.get_subcommands({})) known.push_back(each->get_name());
  }
  const std::vector<std::string> typed(arguments.begin(), arguments.begin() + std::ptrdiff_t(words));
  arguments.erase(arguments.begin(), arguments.begin() + std::ptrdiff_t(words));
  const std::string help =
      fmt::format("`ocrdet {}{}--help` lists what there is.", fmt::join(typed, " "), typed.empty() ? "" : " ");
  for (const std::string& argument : arguments) {
    if (is_command ? !argument.starts_with("--") : argument.starts_with("-")) continue;
    const std::string word = argument.substr(0, argument.find('='));
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    const auto match = closestMatch(word, known);
    return Error({&codes::kUsageOption,
                  fmt::format("There is no {} {}.", is_command ? "option" : "command", word),
                  match ? fmt::format("Did you mean {}? {}", *match, help) : help,
                  {{"given", word}}});
  }
  std::string message = error.what();
  if (!message.empty() && message.back() != '.') message += '.';
  return Error({&codes::kUsageOption, message, help});
}

const CLI::App* groupCalled(const std::string& name, const CLI::App& app) {
  for (const CLI::App* each : app.get_subcommands({}))
    if (each->get_name() == name) return each;
  return nullptr;
}

std::string footerOf(const std::vector<std::string>& examples) {
  std::string footer = "Examples:";
  for (const std::string& example : examples) footer += "\n  " + example;
  return footer;
}

// Whatever ends a command ends it as an Error with a code.
Error asError(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error({&codes::kMemoryExhausted, "The memory of this machine or container ran out.",
                  "Use a smaller size or batch, or give the process more memory."});
  } catch (const std::exception& error) {
    return Error({&codes::kInternalBug,
                  "Something happened that should be impossible.",
                  "Please report this message and the command that led to it.",
                  {},
                  error.what()});
  }
}

}  // namespace

void printResult(const std::string& text, bool at_once) {
  if (!reachesOutput(text + "\n") || (at_once && std::fflush(stdout) != 0)) throw outputLost();
}

void Console::text(std::string_view line) const {
  if (!json) printResult(std::string(line), false);
}

void Console::document(const Json& value) const {
  if (json) printResult(jsonText(value), true);
}

void Commands::addGroup(const std::string& name, const std::string& description,
                        const std::vector<std::string>& examples) {
  CLI::App& group = *app_.add_subcommand(name, description);
  group.require_subcommand(1);
  group.footer(footerOf(examples));
}

CLI::App& Commands::add(const std::string& name, const std::string& description,
                        const std::vector<std::string>& examples, Body body) {
  const std::size_t space = name.find(' ');
  CLI::App& parent = space == name.npos ? app_ : *app_.get_subcommand(name.substr(0, space));
  CLI::App& command = *parent.add_subcommand(name.substr(space + 1), description);
  const std::vector<std::string> words =
      space == name.npos ? std::vector{name} : std::vector{name.substr(0, space), name.substr(space + 1)};
  auto console = std::make_shared<Console>();
  command.add_flag("--json", console->json, "Print one JSON document instead of text");
  command.add_flag("--quiet,-q", console->quiet, "No progress, no remarks; errors and warnings only");
  command.add_flag_callback(
      "--verbose", [] { setLogLevel(LogLevel::kVerbose); }, "Say what is being done");
  // Read by addConfiguration: CLI11 reads configuration files of the main program only.
  command.add_option("--config", console->configuration, "Read options from a TOML file");
  command.footer(footerOf(examples));
  entries_.push_back({words, &command, std::move(body), console});
  return command;
}

void Commands::addRuntimeOption(CLI::App& command) {
  for (const Entry& entry : entries_) {
    if (entry.app != &command) continue;
    command.add_option("--onnxruntime", entry.console->onnxruntime, "ONNX Runtime: library file or folder");
  }
}

const Commands::Entry* Commands::chosenBy(const std::vector<std::string>& arguments) const {
  for (const Entry& entry : entries_)
    if (arguments.size() >= entry.words.size() && std::equal(entry.words.begin(), entry.words.end(), arguments.begin()))
      return &entry;
  return nullptr;
}

int Commands::run(int argc, char** argv) {
  holdStandardStreams();
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const Entry* chosen = chosenBy(arguments);
  const auto json = [&] { return asksForJson(arguments) || (chosen != nullptr && chosen->console->json); };
  try {
    if (chosen != nullptr) addFromElsewhere(app_, *chosen->app, chosen->words, arguments);
    app_.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    if (chosen->console->quiet) setLogLevel(LogLevel::kQuiet);
    const ExitStatus status = chosen->body(*chosen->console);
    if (std::fflush(stdout) != 0) throw outputLost();
    return static_cast<int>(status);
  } catch (const CLI::Success& asked_for_help) {
    return app_.exit(asked_for_help);
  } catch (const CLI::ParseError& parse_error) {
    const CLI::App* group = arguments.empty() ? nullptr : groupCalled(arguments.front(), app_);
    const Error error = chosen ? usageError(*chosen->app, chosen->words.size(), true, parse_error, arguments)
                        : group != nullptr ? usageError(*group, 1, false, parse_error, arguments)
                                           : usageError(app_, 0, false, parse_error, arguments);
    printError(error, json());
    return static_cast<int>(error.exitStatus());
  } catch (...) {
    const Error error = asError(std::current_exception());
    printError(error, json());
    return static_cast<int>(error.exitStatus());
  }
}

void printError(const Error& error, bool json) {
  if (json && reachesOutput(jsonText(toJson(error)) + "\n") && std::fflush(stdout) == 0) return;
  const bool colour = isatty(STDERR_FILENO) != 0;
  for (const Problem& problem : error.problems()) {
    fmt::print(stderr, "{}error{} {}: {}\n", colour ? "\033[1;31m" : "", colour ? "\033[0m" : "", problem.code->name,
               problem.message);
    if (!problem.advice.empty()) fmt::print(stderr, "  {}\n", problem.advice);
    if (!problem.cause.empty()) fmt::print(stderr, "  cause: {}\n", problem.cause);
  }
}

}  // namespace ocrdet::cli
