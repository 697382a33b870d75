#include "base/atomic_file.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "base/cancellation.h"
#include "ocrdet/error.h"
#include "support/file_text.h"
#include "support/scratch_folder.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public testing::Test {
 protected:
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_)) found.push_back(entry.path().filename().string());
    return found;
  }

  test::ScratchFolder scratch_;
  fs::path folder_ = scratch_.path();
};

TEST_F(AtomicFileTest, AppearsWholeOnCommit) {
  AtomicFile file(folder_ / "result.json");
  file.write("half");
  EXPECT_FALSE(fs::exists(folder_ / "result.json"));
  file.write(" and half");
  file.commit();
  EXPECT_EQ(test::readText(folder_ / "result.json"), "half and half");
  EXPECT_THAT(names(), testing::ElementsAre("result.json"));
}

TEST_F(AtomicFileTest, OnlyLeftoversOfTheNamedFilesAreRemoved) {
  for (const char* name : {".a.txt.tmp-AbCdEf", ".a.txt.tmp-GhIjKl", ".b.txt.tmp-AbCdEf", "a.txt", "a.txt.tmp-mine"})
    std::ofstream(folder_ / name) << "x";
  removeTemporaryFilesOf({folder_ / "a.txt", folder_ / "c.txt", folder_ / "no such folder/d.txt"});
  EXPECT_THAT(names(), testing::UnorderedElementsAre(".b.txt.tmp-AbCdEf", "a.txt", "a.txt.tmp-mine"));
}

TEST_F(AtomicFileTest, LeavesNothingWhenAbandonedAndKeepsTheOldFile) {
  writeFileAtomically(folder_ / "result.json", "old");
  {
    AtomicFile file(folder_ / "result.json");
    file.write("new");
  }
  EXPECT_EQ(test::readText(folder_ / "result.json"), "old");
  EXPECT_THAT(names(), testing::ElementsAre("result.json"));
}

TEST_F(AtomicFileTest, HasThePermissionsOfAnOrdinaryFile) {
  writeFileAtomically(folder_ / "atomic", "x");
  std::ofstream(folder_ / "ordinary") << "x";
  EXPECT_EQ(fs::status(folder_ / "atomic").permissions(), fs::status(folder_ / "ordinary").permissions());
}

TEST_F(AtomicFileTest, ReportsAMissingFolderByPath) {
  try {
    AtomicFile file(folder_ / "nowhere" / "result.json");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.code().name, "file.unwritable");
    EXPECT_THAT(error.problems().front().message, testing::HasSubstr("nowhere/result.json"));
  }
}

TEST_F(AtomicFileTest, ReplacesOnlyWhatIsMeantToBeReplaced) {
  const auto refusal = [&](const fs::path& target, bool overwrite) -> std::string {
    try {
      refuseToReplace(target, overwrite, folder_ / "input.pt");
      return "";
    } catch (const Error& error) {
      EXPECT_STREQ(error.code().name, "file.exists");
      return error.problems().front().message;
    }
  };
  for (const char* name : {"input.pt", "old.onnx"}) std::ofstream(folder_ / name) << "x";
  fs::create_symlink(folder_ / "input.pt", folder_ / "link.pt");
  EXPECT_EQ(refusal(folder_ / "new.onnx", false), "");
  EXPECT_THAT(refusal(folder_ / "old.onnx", false), testing::HasSubstr("old.onnx exists already"));
  EXPECT_EQ(refusal(folder_ / "old.onnx", true), "");
  for (const fs::path& path : {folder_ / "input.pt", folder_ / "link.pt", folder_ / "." / "input.pt"})
    for (const bool overwrite : {false, true})
      EXPECT_THAT(refusal(path, overwrite), testing::HasSubstr("is what the output is made from")) << path;
}

// A full disk, as a limit on the file's size: the write fails midway, and neither the target nor the temporary file
// remains.
TEST_F(AtomicFileTest, LeavesNothingWhenTheDiskIsFull) {
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      writeFileAtomically(folder_ / "big", std::string(10000, 'x'));
      _exit(1);
    } catch (const Error& error) {
      _exit(std::string(error.code().name) == "file.unwritable" ? 0 : 2);
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_THAT(names(), testing::IsEmpty());
}

TEST_F(AtomicFileTest, IsRemovedByTheSecondSignalButNotByTheSameOnceMore) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    installInterruptHandler();
    AtomicFile file(folder_ / "result");
    file.write("unfinished");
    raise(SIGINT);
    raise(SIGINT);  // as `timeout` sends it: to the program, and to its group
    if (!interrupted()) _exit(1);
    const char byte = 'r';
    if (write(ready[1], &byte, 1) != 1) _exit(2);
    for (;;) pause();
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_EQ(names().size(), 1u) << "the first signal leaves the cleaning to the destructors";
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  kill(child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_THAT(names(), testing::IsEmpty());
  close(ready[0]);
  close(ready[1]);
}

}  // namespace
}  // namespace ocrdet
