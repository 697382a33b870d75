// Errors: every failure of ocrdet is an ocrdet::Error.
//
// An Error holds one or more Problems, because all broken rules are reported at once. A Problem has a stable code
// (docs/errors.md lists them all), a sentence that says what happened with the numbers, a sentence that says what to
// do, and the numbers again as named details for programs.
//
//   try {
//     ocrdet::exportOnnx(options);
//   } catch (const ocrdet::Error& error) {
//     for (const ocrdet::Problem& problem : error.problems())
//       std::cerr << problem.code->name << ": " << problem.message << ' ' << problem.advice << '\n';
//   }
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <variant>
#include <vector>

#include "ocrdet/error_codes.h"

#pragma GCC visibility push(default)  // what libocrdet.so shows
namespace ocrdet {

// One number or text behind a message, for programs: {"width", 819}.
struct Detail {
  std::string name;
  std::variant<std::int64_t, double, std::string> value;
};

struct Problem {
  const ErrorCode* code = nullptr;
  std::string message = {};          // what happened, with the numbers
  std::string advice = {};           // what to do next
  std::vector<Detail> details = {};  // the numbers of `message`, named
  std::string cause = {};            // the words of a foreign library, when one of them failed
};

class Error : public std::exception {
 public:
  explicit Error(Problem problem);
  // `problems` must not be empty; the first decides the exit status.
  explicit Error(std::vector<Problem> problems);

  const std::vector<Problem>& problems() const { return problems_; }
  const ErrorCode& code() const { return *problems_.front().code; }
  ExitStatus exitStatus() const { return code().exit_status; }
  // "code: message advice", one line a problem.
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::vector<Problem> problems_;
  std::string text_;
};

}  // namespace ocrdet
#pragma GCC visibility pop
