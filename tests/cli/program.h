// Running the program as a user does, for tests.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "support/file_text.h"
#include "support/scratch_folder.h"

namespace ocrdet::test {

struct ProgramResult {
  int status = -1;
  std::string out;
  std::string err;
};

// `arguments` as a shell would read them; `before` stands in front of the program: "OCRDET_SIZE=640x640".
inline ProgramResult runProgram(const std::string& arguments, const std::string& before = "") {
  const std::string name = testing::TempDir() + "/program_" + std::to_string(getpid());
  const std::string command = before + " '" OCRDET_PROGRAM "' " + arguments + " >" + name + ".out 2>" + name + ".err";
  const int status = std::system(command.c_str());
  ProgramResult result{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), readText(name + ".out"),
                       readText(name + ".err")};
  std::filesystem::remove(name + ".out");
  std::filesystem::remove(name + ".err");
  return result;
}

}  // namespace ocrdet::test
