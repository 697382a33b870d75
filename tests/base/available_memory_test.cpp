#include "base/available_memory.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMebi = 1 << 20;

// A folder that looks like / to the code under test.
class FakeRoot {
 public:
  FakeRoot() {
    std::string name = (fs::temp_directory_path() / "ocrdet-root-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~FakeRoot() { fs::remove_all(path_); }

  void write(const std::string& file, const std::string& text) {
    fs::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file) << text;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

struct Case {
  const char* name;
  std::vector<std::pair<const char*, const char*>> files;
  std::optional<std::int64_t> expected;
};

const Case kCases[] = {
    {"nothing can be read", {}, std::nullopt},
    {"no limit: what the kernel has", {{"proc/meminfo", "MemTotal: 9000 kB\nMemAvailable:   2048 kB\n"}}, 2 * kMebi},
    {"version 2, limit in an upper group",
     {{"proc/meminfo", "MemAvailable: 1048576 kB\n"},
      {"proc/self/cgroup", "0::/a/b\n"},
      {"sys/fs/cgroup/a/b/memory.max", "max\n"},
      {"sys/fs/cgroup/a/b/memory.current", "1048576\n"},
      {"sys/fs/cgroup/a/memory.max", "104857600\n"},
      {"sys/fs/cgroup/a/memory.current", "10485760\n"}},
     90 * kMebi},
    {"version 2, page cache counts as free",
     {{"proc/self/cgroup", "0::/\n"},
      {"sys/fs/cgroup/memory.max", "104857600\n"},
      {"sys/fs/cgroup/memory.current", "52428800\n"},
      {"sys/fs/cgroup/memory.stat", "anon 1\ninactive_file 31457280\n"}},
     80 * kMebi},
    {"version 1 in a container, whose own group is mounted as the root",
     {{"proc/meminfo", "MemAvailable: 1048576 kB\n"},
      {"proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/docker/abc\n"},
      {"sys/fs/cgroup/memory/memory.limit_in_bytes", "209715200\n"},
      {"sys/fs/cgroup/memory/memory.usage_in_bytes", "104857600\n"}},
     100 * kMebi},
    {"version 1 without a limit",
     {{"proc/meminfo", "MemAvailable: 1024 kB\n"},
      {"proc/self/cgroup", "4:memory:/\n"},
      {"sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"},
      {"sys/fs/cgroup/memory/memory.usage_in_bytes", "104857600\n"}},
     kMebi},
    {"more used than the limit allows",
     {{"sys/fs/cgroup/memory.max", "1000\n"}, {"sys/fs/cgroup/memory.current", "2000\n"}},
     0},
    {"damaged numbers are no limits",
     {{"proc/meminfo", "MemAvailable: 1024 kB\n"},
      {"sys/fs/cgroup/memory.max", "lots\n"},
      {"sys/fs/cgroup/memory.current", "\n"}},
     kMebi},
};

TEST(AvailableMemory, IsWhatTheKernelAndTheTightestControlGroupLeave) {
  for (const Case& c : kCases) {
    FakeRoot root;
    for (const auto& [file, text] : c.files) root.write(file, text);
    EXPECT_EQ(availableMemory(root.path()), c.expected) << c.name;
  }
}

TEST(AvailableMemory, OfThisMachineIsPlausible) {
  const std::optional<std::int64_t> bytes = availableMemory();
  ASSERT_TRUE(bytes);
  EXPECT_GT(*bytes, 16 * kMebi);
  EXPECT_LT(*bytes, std::int64_t{1} << 50);
}

}  // namespace
}  // namespace ocrdet
