// Finding ONNX Runtime. The library is loaded once a process, so that each case runs in a process of its own:
// GoogleTest's EXPECT_EXIT starts one.

#include "runtime/runtime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "ocrdet/error.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

// The build puts a link to the library beside the test programs.
fs::path library() {
  return fs::canonical(fs::read_symlink("/proc/self/exe").parent_path() / "libonnxruntime.so");
}

class RuntimeTest : public testing::Test {
 protected:
  RuntimeTest() {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    // The process of a death test runs this again: it must find the same folder.
    const char* name = testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = fs::temp_directory_path() / (std::string("ocrdet-runtime-") + name);
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~RuntimeTest() override { fs::remove_all(folder_); }

  fs::path folder_;
};

// Prints what loadRuntime says or throws, and ends the process.
[[noreturn]] void report(const fs::path& wanted) {
  try {
    const RuntimeInfo info = loadRuntime(wanted);
    std::fprintf(stderr, "loaded %s version %s provider %s\n", info.path.c_str(), info.version.c_str(),
                 info.providers.back().c_str());
  } catch (const Error& error) {
    std::fprintf(stderr, "%s cause: %s\n", error.what(), error.problems().front().cause.c_str());
  }
  _exit(0);
}

void expectReport(const fs::path& wanted, const testing::Matcher<const std::string&>& expected) {
  EXPECT_EXIT(report(wanted), testing::ExitedWithCode(0), expected);
}

TEST_F(RuntimeTest, LiesBesideTheProgramByDefault) {
  unsetenv("ONNXRUNTIME_ROOT");
  expectReport({}, testing::AllOf(testing::HasSubstr("loaded " + library().string() + " version 1."),
                                  testing::HasSubstr("CPUExecutionProvider")));
}

TEST_F(RuntimeTest, IsTakenFromAFileOrFolderThatIsNamed) {
  fs::create_directory(folder_ / "lib");
  fs::create_symlink(library(), folder_ / "lib" / "libonnxruntime.so.1.99.0");
  for (const fs::path& wanted : {library(), folder_, folder_ / "lib"}) {
    expectReport(wanted, testing::HasSubstr("loaded " + library().string()));
  }
}

TEST_F(RuntimeTest, IsTakenFromTheFolderInTheEnvironment) {
  fs::create_directory(folder_ / "lib");
  fs::create_symlink(library(), folder_ / "lib" / "libonnxruntime.so");
  setenv("ONNXRUNTIME_ROOT", folder_.c_str(), 1);
  expectReport({}, testing::HasSubstr("loaded " + library().string()));
  setenv("ONNXRUNTIME_ROOT", "/nowhere/at/all", 1);
  expectReport({}, testing::AllOf(testing::HasSubstr("runtime.missing"),
                                  testing::HasSubstr("ONNXRUNTIME_ROOT (/nowhere/at/all)")));
  unsetenv("ONNXRUNTIME_ROOT");
}

// The runtime beside the program would do, but the user asked for another one.
TEST_F(RuntimeTest, IsNotReplacedInSilenceWhenANamedPlaceIsEmpty) {
  expectReport(folder_, testing::AllOf(testing::HasSubstr("runtime.missing"), testing::HasSubstr(folder_.string()),
                                       testing::HasSubstr("fetch-onnxruntime.sh")));
}

TEST_F(RuntimeTest, IsUnusableWhenTheFileIsNoLibrary) {
  std::ofstream(folder_ / "libonnxruntime.so") << "not a library";
  expectReport(folder_, testing::AllOf(testing::HasSubstr("runtime.unusable"), testing::HasSubstr("does not load"),
                                       testing::HasSubstr("cause: /")));
}

TEST_F(RuntimeTest, IsUnusableWhenTheLibraryIsAnother) {
  const char* other = "/usr/lib/x86_64-linux-gnu/libfmt.so.9";
  if (!fs::exists(other)) GTEST_SKIP() << other << " is not there to stand for another library";
  expectReport(other, testing::AllOf(testing::HasSubstr("runtime.unusable"), testing::HasSubstr("OrtGetApiBase")));
}

TEST_F(RuntimeTest, CannotBeExchangedInARunningProcess) {
  fs::copy_file(library(), folder_ / "libonnxruntime.so");
  const auto loadBoth = [&] {
    loadRuntime(library());
    report(folder_);
  };
  EXPECT_EXIT(loadBoth(), testing::ExitedWithCode(0),
              testing::AllOf(testing::HasSubstr("runtime.unusable"), testing::HasSubstr("has loaded")));
}

// ONNX Runtime 1.29 has one for its reports to Microsoft.
TEST_F(RuntimeTest, StartsNoThreadsOfItsOwn) {
  const auto loadAndCount = [] {
    const auto tasks = [] { return fs::directory_iterator("/proc/self/task"); };
    const auto before = std::distance(begin(tasks()), end(tasks()));
    loadRuntime(library());
    usleep(200'000);
    _exit(int(std::distance(begin(tasks()), end(tasks())) - before));
  };
  unsetenv("ORT_DISABLE_TELEMETRY");
  EXPECT_EXIT(loadAndCount(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace ocrdet
