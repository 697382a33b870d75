// The trainer as a process of its own, as users start it.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace ocrdet::test {

// Starts the trainer as the leader of a group of processes, as a shell does; its words go to a file.
class TrainerProcess {
 public:
  TrainerProcess(const std::vector<std::string>& arguments, const std::filesystem::path& output,
                 const std::filesystem::path& folder = std::filesystem::current_path())
      : output_(output) {
    const std::filesystem::path program = std::filesystem::path(OCRDET_PROGRAM).parent_path() / "ocrdet-train";
    child_ = fork();
    if (child_ != 0) {
      setpgid(child_, child_);
      return;
    }
    setpgid(0, 0);
    std::filesystem::current_path(folder);
    std::vector<std::string> words{program.string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    if (std::freopen(output.c_str(), "w", stdout) == nullptr) _exit(126);
    dup2(STDOUT_FILENO, STDERR_FILENO);
    execv(pointers[0], pointers.data());
    _exit(127);
  }
  void signal(int number) const { kill(child_, number); }
  void signalGroup(int number) const { kill(-child_, number); }
  bool groupLives() const { return kill(-child_, 0) == 0; }
  pid_t id() const { return child_; }
  // Exit status, or 128 + the signal.
  int wait() const {
    int status = 0;
    waitpid(child_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  std::string words() const {
    std::ifstream file(output_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::filesystem::path output_;
  pid_t child_ = 0;
};

}  // namespace ocrdet::test
