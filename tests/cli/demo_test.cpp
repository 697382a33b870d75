// `make demo`, without the building: every step runs, and the files that it names last are there.

#include <gmock/gmock.h>

#include <regex>

#include "cli/program.h"

namespace ocrdet::test {
namespace {

TEST(Demo, RunsAndNamesTheFilesItMade) {
  const ScratchFolder folder;
  const std::string log = folder / "log.txt";
  const std::string command = "OCRDET_PROGRAM=" OCRDET_PROGRAM " OCRDET_DEMO_FOLDER=" + (folder / "demo") +
                              " bash " OCRDET_SOURCE_DIR "/scripts/demo.sh >" + log + " 2>&1";
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::ifstream file(log);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(text, testing::HasSubstr("819x600 is not valid."));
  EXPECT_THAT(text, testing::HasSubstr("Verified against the checkpoint"));
  for (const auto& [kind, end] :
       {std::pair("ONNX file", "/line_1408x736\\.onnx"), std::pair("picture", "/visualization/book-page\\.jpg"),
        std::pair("JSON", "/json/book-page\\.json")}) {
    std::smatch match;
    ASSERT_TRUE(std::regex_search(text, match, std::regex(std::string(kind) + ": +(/[^\n]+" + end + ")\n")))
        << kind << "\n"
        << text;
    EXPECT_GT(std::filesystem::file_size(match[1].str()), 100u) << kind;
  }
}

}  // namespace
}  // namespace ocrdet::test
