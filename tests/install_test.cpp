// What users get from `cmake --install`: a tree that can be moved, and a library that an outside project finds and
// uses.

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "source_tree.h"

namespace ocrdet::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

struct Finished {
  int status;
  std::string output;
};

// stdout and stderr together, unless the command says otherwise.
Finished run(const std::string& command) {
  FILE* pipe = popen(("{ " + command + "; } 2>&1").c_str(), "r");
  std::string output;
  char buffer[4096];
  for (std::size_t count; (count = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, count);
  const int status = pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, output};
}

class Installation : public testing::Test {
 protected:
  // Installed once for all tests, and moved before anything is used.
  static void SetUpTestSuite() {
    folder_ = fs::path(testing::TempDir()) / ("installation_" + std::to_string(getpid()));
    fs::create_directories(folder_);
    const Finished install =
        run("cmake --install '" OCRDET_BUILD_DIR "' --prefix '" + (folder_ / "first").string() + "'");
    ASSERT_EQ(install.status, 0) << install.output;
    fs::rename(folder_ / "first", folder_ / "moved");
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }

  void SetUp() override {
    if (std::string(OCRDET_SANITIZE) != "")
      GTEST_SKIP() << "a library with sanitizers cannot be loaded by a program without";
  }

  // ONNXRUNTIME_ROOT would hide what the installation finds by itself.
  static Finished runInstalled(const std::string& arguments) {
    return run("env -u ONNXRUNTIME_ROOT -u OCRDET_MODELS '" + (prefix() / "bin" / "ocrdet").string() + "' " +
               arguments);
  }
  static fs::path prefix() { return folder_ / "moved"; }
  static std::string libraryFolder() {
    for (const auto& entry : fs::recursive_directory_iterator(prefix()))
      if (entry.path().filename() == "libocrdet.so") return entry.path().parent_path();
    return "";
  }

  static fs::path folder_;
};
fs::path Installation::folder_;

TEST_F(Installation, HoldsTheLicenceTheNoticesAndEveryPublicHeader) {
  EXPECT_TRUE(fs::exists(prefix() / "share/doc/ocrdet/LICENSE"));
  EXPECT_TRUE(fs::exists(prefix() / "share/doc/ocrdet/THIRD-PARTY-NOTICES.md"));
  for (const fs::path& header : filesBelow("include/ocrdet", {".h"}))
    EXPECT_TRUE(fs::exists(prefix() / "include/ocrdet" / header.filename())) << header;
}

TEST_F(Installation, HoldsEveryModelWithItsCardAndUsesTheLineModel) {
  for (const fs::path& file : filesBelow("models", {".safetensors", ".md"}))
    EXPECT_TRUE(fs::exists(prefix() / "share/ocrdet/models" / file.filename())) << file;
  const fs::path model = prefix() / "share/ocrdet/models/ocrdet-line.safetensors", out = folder_ / "boxes";
  const bool shipped = fs::exists(model);
  if (!shipped) {
    const Finished unpack =
        run("xz -dkc '" OCRDET_GOLDEN_DIR "/weights/formula.safetensors.xz' > '" + model.string() + "'");
    ASSERT_EQ(unpack.status, 0) << unpack.output;
  }
  const Finished detect =
      runInstalled("detect '" OCRDET_SOURCE_DIR "/examples/images/book-page.jpg' --resize short:160" +
                   (" --out '" + out.string() + "'"));
  if (!shipped) fs::remove(model);
  ASSERT_EQ(detect.status, 0) << detect.output;
  const json record = json::parse(readText(fs::directory_iterator(out)->path() / "run.json"));
  EXPECT_EQ(record["model"]["path"], model.string());
}

TEST_F(Installation, NamesNeitherTheSourceNorTheBuildFolder) {
  for (const auto& entry : fs::recursive_directory_iterator(prefix())) {
    if (entry.path().extension() != ".cmake") continue;
    const std::string text = readText(entry.path());
    EXPECT_EQ(text.find(OCRDET_SOURCE_DIR), text.npos) << entry.path();
    EXPECT_EQ(text.find(OCRDET_BUILD_DIR), text.npos) << entry.path();
    EXPECT_EQ(text.find((folder_ / "first").string()), text.npos) << entry.path();
  }
}

TEST_F(Installation, FindsItsRuntime) {
  const Finished version = runInstalled("version --json");
  const std::string path = json::parse(version.output)["onnxruntime"]["path"];
  EXPECT_TRUE(path.starts_with(prefix().string()) || path.starts_with("/usr/")) << path;
}

TEST_F(Installation, EveryHeaderStandsAlone) {
  for (const fs::path& header : filesBelow("include/ocrdet", {".h"})) {
    const Finished compile = run("echo '#include <ocrdet/" + header.filename().string() +
                                 ">' | c++ -std=c++20 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I '" +
                                 (prefix() / "include").string() + "' -x c++ -");
    EXPECT_EQ(compile.status, 0) << compile.output;
  }
}

TEST_F(Installation, ShowsOnlyItsOwnPublicNames) {
  const Finished symbols = run("nm -D -C --defined-only '" + libraryFolder() + "/libocrdet.so'");
  ASSERT_EQ(symbols.status, 0) << symbols.output;
  EXPECT_THAT(symbols.output, HasSubstr("ocrdet::Detector::open("));
  EXPECT_THAT(symbols.output, HasSubstr("ocrdet::exportOnnx("));
  std::istringstream lines(symbols.output);
  for (std::string line; std::getline(lines, line);) EXPECT_THAT(line, HasSubstr("ocrdet::"));
  for (const char* internal : {"ocrdet::Session::", "ocrdet::readOnnx(", "ocrdet::decodeImage("})
    EXPECT_THAT(symbols.output, testing::Not(HasSubstr(internal)));
}

TEST_F(Installation, ServesAnOutsideProject) {
  const std::string build = folder_ / "build", model = folder_ / "model.onnx", checkpoint = folder_ / "formula.pt";
  const Finished make = run("cmake -S '" OCRDET_SOURCE_DIR "/examples' -B '" + build + "' -DCMAKE_PREFIX_PATH='" +
                            prefix().string() + "' && cmake --build '" + build + "'");
  ASSERT_EQ(make.status, 0) << make.output;
  ASSERT_EQ(run("xz -dkc '" OCRDET_GOLDEN_DIR "/weights/formula.pt.xz' > '" + checkpoint + "'").status, 0);
  const Finished exported = runInstalled("export '" + checkpoint + "' --size 320x320 --no-verify -o '" + model + "'");
  ASSERT_EQ(exported.status, 0) << exported.output;

  const std::string picture = OCRDET_SOURCE_DIR "/examples/images/book-page.jpg";
  const Finished example =
      run("env -u ONNXRUNTIME_ROOT '" + build + "/detect' '" + model + "' '" + picture + "' 2>/dev/null");
  EXPECT_EQ(example.status, 0) << example.output;
  const Finished program = runInstalled("detect '" + picture + "' --model '" + model + "' --json --quiet");
  const json boxes = json::parse(program.output)["images"][0]["detections"];
  ASSERT_GT(boxes.size(), 0U);
  std::istringstream lines(example.output);
  for (const json& box : boxes) {
    double score = 0, x = 0, y = 0;
    char comma = 0;
    std::string line;
    ASSERT_TRUE(std::getline(lines, line)) << "fewer boxes than `ocrdet detect`";
    ASSERT_TRUE(std::istringstream(line) >> score >> x >> comma >> y) << line;
    EXPECT_NEAR(score, box["score"], 1e-5);
    EXPECT_NEAR(x, box["points"][0][0], 0.01);
    EXPECT_NEAR(y, box["points"][0][1], 0.01);
  }
  EXPECT_EQ(lines.peek(), EOF) << "more boxes than `ocrdet detect`";

  const Finished missing = run("'" + build + "/detect' '" + model + "' missing.jpg");
  EXPECT_EQ(missing.status, 3);
  EXPECT_THAT(missing.output, HasSubstr("file.missing"));
}

// Programs compare codes by address.
TEST_F(Installation, SharesItsErrorCodesWithPrograms) {
  const std::string source = R"code(
#include <ocrdet/contract.h>
int main() {
  try {
    ocrdet::parseSize("nonsense");
  } catch (const ocrdet::Error& error) {
    return &error.code() == &ocrdet::codes::kUsageOption ? 0 : 1;
  }
  return 2;
})code";
  const std::string program = folder_ / "codes", library = libraryFolder();
  const Finished compile =
      run("echo '" + source + "' | c++ -std=c++20 -x c++ - -x none -I '" + (prefix() / "include").string() + "' -L '" +
          library + "' -locrdet -Wl,-rpath,'" + library + "' -o '" + program + "'");
  ASSERT_EQ(compile.status, 0) << compile.output;
  EXPECT_EQ(run(program).status, 0);
}

}  // namespace
}  // namespace ocrdet::test
