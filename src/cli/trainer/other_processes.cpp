#include "cli/trainer/other_processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <thread>

#include "base/cancellation.h"
#include "base/log.h"
#include "base/processors.h"
#include "cli/command.h"

namespace ocrdet::cli {
namespace {

// Of a child that failed because another did: the other one has the reason.
constexpr int kLostTheOthers = 75;
constexpr std::size_t kLastLines = 10;

std::filesystem::path makeFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "ocrdet-train-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    throw Error({&codes::kFileUnwritable,
                 fmt::format("No folder could be made in {} for the processes to meet.",
                             std::filesystem::temp_directory_path().string()),
                 "Name another folder in TMPDIR.",
                 {},
                 std::strerror(errno)});
  return name;
}

void printInto(const std::filesystem::path& file) {
  const int words = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (words < 0) _exit(static_cast<int>(ExitStatus::kEnvironment));
  dup2(words, STDOUT_FILENO);
  dup2(words, STDERR_FILENO);
}

int statusOf(const std::function<void()>& work) {
  try {
    work();
    return 0;
  } catch (const Error& error) {
    printError(error, false);
    if (error.code().name == codes::kTrainProcessesFailed.name) return kLostTheOthers;
    return static_cast<int>(error.exitStatus());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return static_cast<int>(codes::kInternalBug.exit_status);
  }
}

std::string lastLines(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::deque<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    lines.push_back(line);
    if (lines.size() > kLastLines) lines.pop_front();
  }
  return fmt::format("{}", fmt::join(lines, "\n  "));
}

}  // namespace

OtherProcesses::OtherProcesses(int count) : folder_(makeFolder()), count_(count) {
  // A second Ctrl-C ends the process on the spot.
  registerTemporaryFile(meeting());
  for (int number = 1; number < count; ++number) registerTemporaryFile(wordsOf(number));
  registerTemporaryFile(folder_);
}

OtherProcesses::OtherProcesses(int count, const Work& work) : OtherProcesses(count) {
  for (int number = 1; number < count; ++number) start(number, work);
}

void OtherProcesses::start(int number, const Work& work) {
  std::fflush(nullptr);  // or the copy would print it again
  const pid_t first = getpid();
  const pid_t id = fork();
  if (id < 0)
    throw Error({&codes::kTrainProcessesFailed,
                 fmt::format("Process {} of {} could not be started.", number, count_),
                 "Use fewer --processes, or allow this user more (ulimit -u).",
                 {{"process", std::int64_t{number}}, {"processes", std::int64_t{count_}}},
                 std::strerror(errno)});
  if (id > 0) {
    children_.push_back({number, id, {}});
    return;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != first) _exit(kLostTheOthers);  // it had ended before
  printInto(wordsOf(number));
  setLogLevel(LogLevel::kQuiet);
  const int status = statusOf([&] { work(number, meeting()); });
  std::fflush(nullptr);
  _exit(status);  // what lies above on the stack belongs to the first process
}

OtherProcesses::~OtherProcesses() {
  for (const Child& child : children_)
    if (!child.status) kill(child.id, SIGKILL);
  for (const Child& child : children_)
    if (!child.status) waitpid(child.id, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  forgetTemporaryFile(meeting());
  for (int number = 1; number < count_; ++number) forgetTemporaryFile(wordsOf(number));
  forgetTemporaryFile(folder_);
}

std::filesystem::path OtherProcesses::wordsOf(int number) const {
  return folder_ / fmt::format("process-{}.txt", number);
}

bool OtherProcesses::haveEnded() {
  for (Child& child : children_) {
    int status = 0;
    if (!child.status && waitpid(child.id, &status, WNOHANG) == child.id) child.status = status;
  }
  return std::all_of(children_.begin(), children_.end(), [](const Child& child) { return child.status.has_value(); });
}

const OtherProcesses::Child* OtherProcesses::firstToBlame(bool even_when_lost) const {
  const Child* lost = nullptr;
  for (const Child& child : children_) {
    if (!child.status || (WIFEXITED(*child.status) && WEXITSTATUS(*child.status) == 0)) continue;
    if (!WIFEXITED(*child.status) || WEXITSTATUS(*child.status) != kLostTheOthers) return &child;
    if (lost == nullptr) lost = &child;
  }
  return even_when_lost ? lost : nullptr;
}

Problem OtherProcesses::problemOf(const Child& child) const {
  const int status = *child.status;
  Problem problem{&codes::kTrainProcessesFailed,
                  "",
                  "Its last words are the cause.",
                  {{"process", std::int64_t{child.number}}, {"processes", std::int64_t{count_}}},
                  lastLines(wordsOf(child.number))};
  if (WIFEXITED(status)) {
    problem.message = fmt::format("Process {} of {} ended with status {}.", child.number, count_, WEXITSTATUS(status));
  } else {
    problem.message = fmt::format("Process {} of {} was ended by signal {} ({}).", child.number, count_,
                                  WTERMSIG(status), strsignal(WTERMSIG(status)));
    if (WTERMSIG(status) == SIGKILL)
      problem.advice = "If nobody did so by hand, memory ran out: use a smaller --batch, or fewer --processes.";
  }
  return problem;
}

std::optional<Problem> OtherProcesses::failure(double patience) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(patience);
  while (true) {
    const bool last_look = haveEnded() || std::chrono::steady_clock::now() >= end;
    if (const Child* child = firstToBlame(last_look)) return problemOf(*child);
    if (last_look) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

int threadsOfEach(int threads, int count) {
  return std::max(1, (threads > 0 ? threads : usableProcessors()) / std::max(1, count));
}

}  // namespace ocrdet::cli
