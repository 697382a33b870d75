#include "train/export_best.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancellation.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

struct Finished {
  int status = -1;
  std::string output;
};

// Without the options that OCRDET_… variables set: those of a training run may mean something else to an export.
std::vector<char*> environmentWithoutOptions() {
  std::vector<char*> kept;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!std::string_view(*variable).starts_with("OCRDET_")) kept.push_back(*variable);
  kept.push_back(nullptr);
  return kept;
}

// Runs a program and reads what it prints, on both streams.
Finished runProgram(const std::vector<std::string>& words) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {-1, std::strerror(errno)};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int problem =
      posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environmentWithoutOptions().data());
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  Finished finished;
  std::array<char, 4096> buffer;
  for (ssize_t count; problem == 0 && (count = read(ends[0], buffer.data(), buffer.size())) > 0;)
    finished.output.append(buffer.data(), static_cast<std::size_t>(count));
  close(ends[0]);
  if (problem != 0) return {-1, std::strerror(problem)};
  int status = 0;
  waitpid(child, &status, 0);
  finished.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return finished;
}

}  // namespace

void exportWeights(const std::filesystem::path& weights, const std::filesystem::path& onnx,
                   const std::filesystem::path& onnxruntime) {
  const std::filesystem::path ocrdet = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "ocrdet";
  std::vector<std::string> words{ocrdet.string(), "export",      weights.string(), "--dynamic",
                                 "--output",      onnx.string(), "--force",        "--quiet"};
  if (!onnxruntime.empty()) words.insert(words.end(), {"--onnxruntime", onnxruntime.string()});
  const Finished finished = runProgram(words);
  if (finished.status == 0) return;
  if (interrupted())  // a terminal signals both
    throw Error({&codes::kRunInterrupted,
                 fmt::format("Stopped while {} was made; the training is done.", onnx.string()),
                 fmt::format("Make it with `ocrdet train --resume {}`.", onnx.parent_path().string())});
  throw Error({&codes::kTrainExportFailed,
               fmt::format("{} was trained, but its ONNX file was not made ({} ended with {}).", weights.string(),
                           ocrdet.string(), finished.status),
               fmt::format("Try `ocrdet export {} --dynamic`.", weights.string()),
               {{"status", std::int64_t{finished.status}}},
               finished.output});
}

}  // namespace ocrdet
