#include "ocrdet/error.h"

#include <cassert>
#include <utility>

namespace ocrdet {

Error::Error(Problem problem) : Error(std::vector<Problem>{std::move(problem)}) {}

Error::Error(std::vector<Problem> problems) : problems_(std::move(problems)) {
  assert(!problems_.empty());
  for (const Problem& problem : problems_) {
    if (!text_.empty()) text_ += '\n';
    text_ += std::string(problem.code->name) + ": " + problem.message;
    if (!problem.advice.empty()) text_ += ' ' + problem.advice;
  }
}

}  // namespace ocrdet
