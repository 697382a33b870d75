// docs/errors.md lists every error code of the source, and no other; and every code of the table can really happen.

#include <gmock/gmock.h>

#include <regex>
#include <set>

#include "ocrdet/error_codes.h"
#include "source_tree.h"

namespace ocrdet::test {
namespace {

std::set<std::string> codesOfTheTable() {
  std::set<std::string> names;
  for (const ErrorCode* code : kAllErrorCodes) names.insert(code->name);
  return names;
}

TEST(ErrorPage, ListsEveryCodeAndNoOther) {
  const std::string page = readText(std::string(OCRDET_SOURCE_DIR) + "/docs/errors.md");
  const std::regex heading("### `([^`]+)`\n([^\n]+)");
  std::set<std::string> documented;
  for (std::sregex_iterator match(page.begin(), page.end(), heading), end; match != end; ++match) {
    EXPECT_TRUE(documented.insert((*match)[1]).second) << (*match)[1] << " twice";
    EXPECT_GT((*match)[2].length(), 40) << (*match)[1] << " has no paragraph";
  }
  EXPECT_EQ(documented, codesOfTheTable());
}

TEST(ErrorPage, EveryCodeIsUsedInTheSource) {
  std::string source;
  for (const auto& file : filesBelow("src", {".cpp", ".h"})) source += readText(file);
  const std::string table = readText(std::string(OCRDET_SOURCE_DIR) + "/include/ocrdet/error_codes.h");
  const std::regex row("X\\((\\w+), *\"([^\"]+)\"");
  int rows = 0;
  for (std::sregex_iterator match(table.begin(), table.end(), row), end; match != end; ++match, ++rows) {
    const std::string identifier = "codes::k" + (*match)[1].str();
    EXPECT_TRUE(std::regex_search(source, std::regex(identifier + "\\b"))) << (*match)[2] << " is never raised";
  }
  EXPECT_EQ(rows, static_cast<int>(std::size(kAllErrorCodes)));
}

}  // namespace
}  // namespace ocrdet::test
