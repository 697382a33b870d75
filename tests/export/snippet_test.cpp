// The code that export prints is compiled and run, and must find what our own session finds on the same picture.

#include "onnx/snippet.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "image/decode.h"
#include "image/normalise.h"
#include "image/resize.h"
#include "ocrdet/export.h"
#include "onnx/read.h"
#include "runtime/session.h"
#include "support/formula_checkpoint.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

const fs::path kPicture = OCRDET_SOURCE_DIR "/examples/images/book-page.jpg";

// One exported file, and the two lines that every snippet must print for it.
class SnippetTest : public testing::Test {
 protected:
  SnippetTest() : folder_(fs::path(testing::TempDir()) / ("snippet_" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }
  ~SnippetTest() override { fs::remove_all(folder_); }

  void exportFile(const std::function<void(ExportOptions&)>& change) {
    ExportOptions options;
    options.checkpoint = test::formulaCheckpoint("formula.pt");
    options.output = folder_ / "model.onnx";
    options.overwrite = true;
    options.verify = false;
    options.height = 320;
    options.width = 416;
    change(options);
    exportOnnx(options);
    contract_ = readFileContract(readOnnx(options.output).metadata).value();
  }

  // The best probability at the size that the snippet must choose.
  double bestProbability(PixelSize size) const {
    const Image image = resize(readImage(kPicture), size);
    const Session session = Session::open(folder_ / "model.onnx");
    std::vector<NamedTensor> outputs;
    if (contract_.preprocess_embedded) {
      outputs = session.run({{"input", viewOf({1, size.height, size.width, 3}, image.bgr)}});
    } else {
      std::vector<float> planes(image.bgr.size());
      normalise(image, {}, planes);
      outputs = session.run({{"input", viewOf({1, 3, size.height, size.width}, planes)}});
    }
    const std::span<const float> found = floatsOf(outputs[0].tensor);
    return *std::max_element(found.begin(), found.end());
  }

  std::string shell(const std::string& command) const {
    const std::string line = "cd '" + folder_.string() + "' && (" + command + ") >output.txt 2>&1";
    const int status = std::system(line.c_str());
    std::ifstream file(folder_ / "output.txt");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(status, 0) << command << "\n" << text;
    return text;
  }

  void write(const char* name, SnippetLanguage language) const {
    std::ofstream(folder_ / name) << snippet(language, contract_, "model.onnx");
  }

  std::string compileAndRun(SnippetLanguage language) const {
    write("run.cpp", language);
    // As Microsoft's archive has it: the name to link, and the name that the loader looks for.
    for (const char* name : {"libonnxruntime.so", "libonnxruntime.so.1"}) {
      if (!fs::exists(folder_ / name)) fs::create_symlink(OCRDET_ONNXRUNTIME_LIBRARY, folder_ / name);
    }
    const std::string runtime = language == SnippetLanguage::kCpp ? "-I" OCRDET_ONNXRUNTIME_INCLUDE
                                                                    " -L. -lonnxruntime -Wl,-rpath,."
                                                                  : "-lopencv_dnn";
    shell("g++ -std=c++17 run.cpp -o run -I/usr/include/opencv4 " + runtime +
          " -lopencv_imgcodecs -lopencv_imgproc -lopencv_core");
    return shell("./run model.onnx '" + kPicture.string() + "'");
  }

  void expectBest(const std::string& printed, PixelSize size) const {
    EXPECT_THAT(printed,
                testing::HasSubstr("output 1x1x" + std::to_string(size.height) + "x" + std::to_string(size.width)));
    const std::string label = "best probability ";
    const std::size_t at = printed.find(label);
    ASSERT_NE(at, std::string::npos) << printed;
    EXPECT_NEAR(std::stod(printed.substr(at + label.size())), bestProbability(size), 1e-3);
  }

  fs::path folder_;
  FileContract contract_;
};

// 830 × 1600 pixels: short side 736, both sides to the nearest multiple of 32.
constexpr PixelSize kFixed{320, 416}, kFree{1408, 736}, kWhole{1600, 830};

TEST_F(SnippetTest, InCppRunsAFixedFile) {
  exportFile([](ExportOptions&) {});
  expectBest(compileAndRun(SnippetLanguage::kCpp), kFixed);
}

TEST_F(SnippetTest, InCppRunsADynamicFile) {
  exportFile([](ExportOptions& options) { options.batch = options.height = options.width = std::nullopt; });
  expectBest(compileAndRun(SnippetLanguage::kCpp), kFree);
}

TEST_F(SnippetTest, InCppRunsAnAnySizeFileThatNormalisesByItself) {
  exportFile([](ExportOptions& options) {
    options.batch = options.height = options.width = std::nullopt;
    options.any_size = options.embed_preprocess = true;
  });
  expectBest(compileAndRun(SnippetLanguage::kCpp), kWhole);
}

TEST_F(SnippetTest, InOpenCvRunsAFixedFile) {
  exportFile([](ExportOptions&) {});
  expectBest(compileAndRun(SnippetLanguage::kOpenCv), kFixed);
}

TEST_F(SnippetTest, InOpenCvIsRefusedForFilesThatItCannotRun) {
  exportFile([](ExportOptions& options) { options.embed_preprocess = true; });
  EXPECT_THROW(snippet(SnippetLanguage::kOpenCv, contract_, "model.onnx"), Error);
}

TEST_F(SnippetTest, InPythonRunsEveryFormOfFile) {
  const char* named = std::getenv("OCRDET_TEST_PYTHON");
  const std::string python = named != nullptr ? named : "/usr/bin/python3";
  struct Form {
    std::function<void(ExportOptions&)> change;
    PixelSize size;
  };
  const auto freeAxes = [](ExportOptions& options) { options.batch = options.height = options.width = std::nullopt; };
  const Form forms[] = {
      {[](ExportOptions&) {}, kFixed},
      {freeAxes, kFree},
      {[&](ExportOptions& options) { freeAxes(options), options.any_size = options.embed_preprocess = true; }, kWhole}};
  for (const Form& form : forms) {
    exportFile(form.change);
    write("run.py", SnippetLanguage::kPython);
    shell(python + " -m py_compile run.py");
    if (std::system((python + " -c 'import onnxruntime, cv2' 2>/dev/null").c_str()) != 0) {
      GTEST_SKIP() << python
                   << " has no onnxruntime and cv2 (Debian has no package): the Python code was compiled, not "
                   << "run. Name an interpreter that has them in OCRDET_TEST_PYTHON.";
    }
    expectBest(shell(python + " run.py model.onnx '" + kPicture.string() + "'"), form.size);
  }
}

}  // namespace
}  // namespace ocrdet
