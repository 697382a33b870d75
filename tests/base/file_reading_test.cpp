#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "base/mapped_file.h"
#include "base/sha256.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

std::string temporaryName(const std::string& name) {
  return testing::TempDir() + "file_reading_" + std::to_string(getpid()) + "_" + name;
}

std::string codeOf(const std::string& path) {
  try {
    MappedFile::open(path);
    return "";
  } catch (const Error& error) {
    return error.code().name;
  }
}

TEST(MappedFile, GivesTheBytes) {
  const std::string path = temporaryName("abc");
  std::ofstream(path) << "abc";
  const auto file = MappedFile::open(path);
  ASSERT_EQ(file->bytes().size(), 3u);
  EXPECT_EQ(file->bytes()[1], std::byte{'b'});
  std::remove(path.c_str());
}

TEST(MappedFile, ReadsAnEmptyFile) {
  const std::string path = temporaryName("empty");
  std::ofstream(path).flush();
  EXPECT_TRUE(MappedFile::open(path)->bytes().empty());
  std::remove(path.c_str());
}

TEST(MappedFile, RefusesWhatIsNoFileWithoutHanging) {
  EXPECT_EQ(codeOf(temporaryName("nothing")), "file.missing");
  EXPECT_EQ(codeOf("/etc/passwd/x"), "file.missing");
  EXPECT_EQ(codeOf(testing::TempDir()), "file.unreadable");
  EXPECT_EQ(codeOf("/dev/zero"), "file.unreadable");
  const std::string fifo = temporaryName("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(codeOf(fifo), "file.unreadable");
  std::remove(fifo.c_str());
}

// Test vectors of FIPS 180-2, appendix B.
TEST(Sha256, AgreesWithTheStandard) {
  EXPECT_EQ(sha256({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const std::string abc = "abc";
  EXPECT_EQ(sha256(std::as_bytes(std::span(abc))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace ocrdet
