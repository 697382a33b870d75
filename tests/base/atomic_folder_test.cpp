#include "base/atomic_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "ocrdet/error.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

class AtomicFolderTest : public ::testing::Test {
 protected:
  AtomicFolderTest() : root_(fs::path(::testing::TempDir()) / ("folder_" + std::to_string(getpid()))) {
    fs::create_directories(root_);
  }
  ~AtomicFolderTest() override { fs::remove_all(root_); }
  std::size_t entries() const { return std::size_t(std::distance(fs::directory_iterator(root_), {})); }
  fs::path root_;
};

TEST_F(AtomicFolderTest, IsSeenOnlyOnceItIsCommitted) {
  AtomicFolder folder(root_ / "set/");
  std::ofstream(folder.path() / "a.txt") << "a";
  EXPECT_FALSE(fs::exists(root_ / "set"));
  folder.commit();
  EXPECT_TRUE(fs::exists(root_ / "set" / "a.txt"));
  EXPECT_EQ(entries(), 1U);
}

TEST_F(AtomicFolderTest, LeavesNothingWhenItIsAbandoned) {
  {
    const AtomicFolder folder(root_ / "set");
    std::ofstream(folder.path() / "a.txt") << "a";
  }
  EXPECT_EQ(entries(), 0U);
}

TEST_F(AtomicFolderTest, RemovesWhatAKilledProcessLeftAndNotWhatAnotherFills) {
  fs::create_directories(root_ / ".set.tmp-killed");
  fs::create_directories(root_ / ".other.tmp-killed");
  const AtomicFolder running(root_ / "set");
  const AtomicFolder second(root_ / "set");
  EXPECT_FALSE(fs::exists(root_ / ".set.tmp-killed"));
  EXPECT_TRUE(fs::exists(root_ / ".other.tmp-killed"));
  EXPECT_TRUE(fs::exists(running.path()));
}

TEST_F(AtomicFolderTest, MayReplaceAnEmptyFolderAndNothingElse) {
  fs::create_directories(root_ / "empty");
  AtomicFolder(root_ / "empty").commit();
  EXPECT_TRUE(fs::is_directory(root_ / "empty"));
  std::ofstream(root_ / "empty" / "a.txt") << "a";
  std::ofstream(root_ / "file") << "a";
  for (const char* taken : {"empty", "file"}) EXPECT_THROW(AtomicFolder(root_ / taken), Error) << taken;
  EXPECT_THROW(AtomicFolder("/proc/nowhere/set"), Error);
}

TEST_F(AtomicFolderTest, ReplacesWhatIsOursWhenItIsCommittedAndNotBefore) {
  fs::create_directories(root_ / "set");
  std::ofstream(root_ / "set" / "old.txt") << "a";
  {
    AtomicFolder folder(root_ / "set", Replaceable::kOurs);
    std::ofstream(folder.path() / "new.txt") << "a";
    EXPECT_TRUE(fs::exists(root_ / "set" / "old.txt"));
    folder.commit();
  }
  EXPECT_TRUE(fs::exists(root_ / "set" / "new.txt"));
  EXPECT_FALSE(fs::exists(root_ / "set" / "old.txt"));
  EXPECT_EQ(entries(), 1U);
}

TEST_F(AtomicFolderTest, AppearsWhereALinkLeads) {
  fs::create_directories(root_ / "real");
  fs::create_directory_symlink(root_ / "real", root_ / "link");
  AtomicFolder folder(root_ / "link");
  std::ofstream(folder.path() / "a.txt") << "a";
  folder.commit();
  EXPECT_TRUE(fs::is_symlink(root_ / "link"));
  EXPECT_TRUE(fs::exists(root_ / "real" / "a.txt"));
}

// Before the work, not after it.
TEST_F(AtomicFolderTest, RefusesAtOnceWhatCannotBeReplaced) {
  EXPECT_THROW(AtomicFolder(""), Error);
  fs::create_directories(root_ / "working");
  const fs::path before = fs::current_path();
  fs::current_path(root_ / "working");
  EXPECT_THROW(AtomicFolder("."), Error);
  EXPECT_THROW(AtomicFolder(root_ / "working"), Error);
  AtomicFolder("inside").commit();
  EXPECT_TRUE(fs::exists(root_ / "working" / "inside"));
  fs::current_path(before);
}

TEST_F(AtomicFolderTest, DoesNotReplaceWhatCameMeanwhile) {
  AtomicFolder folder(root_ / "set");
  fs::create_directories(root_ / "set" / "of another");
  EXPECT_THROW(folder.commit(), Error);
  EXPECT_TRUE(fs::exists(root_ / "set" / "of another"));
}

}  // namespace
}  // namespace ocrdet
