// docs/explain.md is the list of causes that people read; it must be the list that explain() knows.

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "explain/causes.h"

namespace ocrdet {
namespace {

// Rows "| `id` | sentence |".
std::multimap<std::string, std::string> documentedCauses() {
  std::ifstream page(OCRDET_SOURCE_DIR "/docs/explain.md");
  std::multimap<std::string, std::string> rows;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `")) continue;
    const std::size_t end = line.find("` | ");
    if (end == std::string::npos || !line.ends_with(" |")) {
      ADD_FAILURE() << "no row of id and sentence: " << line;
      continue;
    }
    rows.emplace(line.substr(3, end - 3), line.substr(end + 4, line.size() - end - 6));
  }
  return rows;
}

TEST(ExplainPage, ListsEveryCauseOnceWithItsSentence) {
  const auto documented = documentedCauses();
  for (const Cause& cause : allCauses()) {
    ASSERT_EQ(documented.count(cause.id), 1u) << cause.id;
    EXPECT_EQ(documented.find(cause.id)->second, cause.what) << cause.id;
  }
}

TEST(ExplainPage, ListsNoCauseThatDoesNotExist) {
  for (const auto& [id, sentence] : documentedCauses()) {
    EXPECT_NE(findCause(id), nullptr) << id << ": " << sentence;
  }
}

}  // namespace
}  // namespace ocrdet
