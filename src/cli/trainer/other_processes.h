// The other processes of `--processes N` on this machine: children of the first, which work as it does and end with it.
//
//   OtherProcesses others(4, [&](int number, const std::filesystem::path& meeting) { train(…); });
//   train(… others.meeting() …);
//   if (const auto problem = others.failure(60)) …
//
// Children are silent: what they print goes to files in a folder of their own, and is shown when one of them fails. On
// any way out of the scope those that still run are killed and waited for, and the folder is removed.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ocrdet/error.h"

namespace ocrdet::cli {

class OtherProcesses {
 public:
  // What a child does; it ends with the error's status when this throws.
  using Work = std::function<void(int number, const std::filesystem::path& meeting)>;

  // Starts numbers 1 … count - 1 as copies of this process. To be called before LibTorch has started threads, which
  // would not survive in a copy. Throws train.processes-failed when one cannot be started.
  OtherProcesses(int count, const Work& work);
  ~OtherProcesses();
  OtherProcesses(const OtherProcesses&) = delete;
  OtherProcesses& operator=(const OtherProcesses&) = delete;

  // A file in a folder of this object's, for all to meet at; it does not exist yet.
  std::filesystem::path meeting() const { return folder_ / "meeting"; }

  // Waits until all have ended, or one has failed by itself, or `patience` seconds are over. What became of the one
  // that failed (train.processes-failed, with its last words as the cause): of one that lost the others only when
  // nobody else is to blame. Nothing when none has failed.
  std::optional<Problem> failure(double patience);

 private:
  struct Child {
    int number = 0;
    pid_t id = 0;
    std::optional<int> status;  // as waitpid gives it, once it has ended
  };
  explicit OtherProcesses(int count);
  void start(int number, const Work& work);
  bool haveEnded();
  const Child* firstToBlame(bool even_when_lost) const;
  Problem problemOf(const Child& child) const;
  std::filesystem::path wordsOf(int number) const;

  std::filesystem::path folder_;
  int count_ = 1;
  std::vector<Child> children_;
};

// Threads of each process's network when `count` share a machine: an even part of `threads`, or of all processors at 0.
int threadsOfEach(int threads, int count);

}  // namespace ocrdet::cli
