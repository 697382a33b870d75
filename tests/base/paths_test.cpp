#include "base/paths.h"

#include <gmock/gmock.h>

namespace ocrdet {
namespace {

TEST(LastFolder, IsTheSameHoweverThePathIsWritten) {
  for (const char* path : {"sets/signs", "sets/signs/", "sets/signs/.", "/sets/forms/../signs//"})
    EXPECT_EQ(lastFolder(path), "signs") << path;
  EXPECT_EQ(lastFolder("."), std::filesystem::current_path().filename().string());
}

}  // namespace
}  // namespace ocrdet
