// The code that export prints is compiled and run, and must find what our own session finds on the same picture.

#include "export/export_result.h"

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
#include "runtime/session.h"
#include "support/formula_checkpoint.h"
#include "tensor/float16.h"

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
    result_ = exportOnnx(options);
    batch_ = options.batch.value_or(1);
  }

  // The best probability at the size that the snippet must choose.
  double bestProbability(PixelSize size) const {
    const Image image = resize(readImage(kPicture), size);
    const Session session = Session::open(result_.path);
    const DType type = session.inputs().at(0).dtype;
    std::vector<std::uint8_t> bytes;
    std::vector<float> planes(image.bgr.size()), values;
    std::vector<std::uint16_t> halves;
    normalise(image, {}, planes);
    for (std::int64_t copy = 0; copy < batch_; ++copy) {
      bytes.insert(bytes.end(), image.bgr.begin(), image.bgr.end());
      values.insert(values.end(), planes.begin(), planes.end());
    }
    Tensor input = viewOf({batch_, 3, size.height, size.width}, values);
    if (type == DType::kUint8) input = viewOf({batch_, size.height, size.width, 3}, bytes);
    if (type == DType::kFloat16) {
      for (const float value : values) halves.push_back(float32ToFloat16(value));
      input.dtype = DType::kFloat16;
      input.storage.bytes = std::as_bytes(std::span(halves));
    }
    const std::vector<float> found = toFloat32(session.run({{"input", input}}).at(0).tensor);
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
    std::ofstream(folder_ / name) << exportSnippet(result_, language);
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
    EXPECT_THAT(printed, testing::HasSubstr("output " + std::to_string(batch_) + "x1x" + std::to_string(size.height) +
                                            "x" + std::to_string(size.width)));
    const std::string label = "best probability ";
    const std::size_t at = printed.find(label);
    ASSERT_NE(at, std::string::npos) << printed;
    EXPECT_NEAR(std::stod(printed.substr(at + label.size())), bestProbability(size), 1e-3);
  }

  fs::path folder_;
  ExportResult result_;
  std::int64_t batch_ = 1;
};

// 830 × 1600 pixels: short side 736, free sides to the nearest multiple of 32.
constexpr PixelSize kFixed{320, 416}, kFree{1408, 736}, kHeightFixed{320, 736}, kWhole{1600, 830};

void freeAxes(ExportOptions& options) {
  options.batch = options.height = options.width = std::nullopt;
}

struct Form {
  const char* name;
  std::function<void(ExportOptions&)> change;
  PixelSize size;
};

const std::vector<Form>& forms() {
  static const std::vector<Form> all = {
      {"fixed", [](ExportOptions&) {}, kFixed},
      {"dynamic", freeAxes, kFree},
      {"free width", [](ExportOptions& options) { options.width.reset(); }, kHeightFixed},
      {"batch of 2", [](ExportOptions& options) { options.batch = 2; }, kFixed},
      {"float16 input and output",
       [](ExportOptions& options) {
         options.precision = Precision::kFloat16;
         options.float16_io = true;
       },
       kFixed},
      {"any size, normalised inside",
       [](ExportOptions& options) {
         freeAxes(options);
         options.any_size = options.embed_preprocess = true;
       },
       kWhole},
  };
  return all;
}

TEST_F(SnippetTest, InCppRunsEveryFormOfFile) {
  for (const Form& form : forms()) {
    SCOPED_TRACE(form.name);
    exportFile(form.change);
    expectBest(compileAndRun(SnippetLanguage::kCpp), form.size);
  }
}

TEST_F(SnippetTest, InOpenCvRunsTheFormsThatItCan) {
  for (const Form& form : forms()) {
    SCOPED_TRACE(form.name);
    exportFile(form.change);
    const std::string name = form.name;
    if (name == "fixed" || name == "batch of 2") {
      expectBest(compileAndRun(SnippetLanguage::kOpenCv), form.size);
    } else if (name.starts_with("float16") || name.starts_with("any size")) {
      EXPECT_THROW(exportSnippet(result_, SnippetLanguage::kOpenCv), Error);
    }
  }
}

TEST_F(SnippetTest, InPythonRunsEveryFormOfFile) {
  const char* named = std::getenv("OCRDET_TEST_PYTHON");
  const std::string python = named != nullptr ? named : "/usr/bin/python3";
  const bool runs = std::system((python + " -c 'import onnxruntime, cv2' 2>/dev/null").c_str()) == 0;
  for (const Form& form : forms()) {
    SCOPED_TRACE(form.name);
    exportFile(form.change);
    write("run.py", SnippetLanguage::kPython);
    shell(python + " -m py_compile run.py");
    if (runs) expectBest(shell(python + " run.py model.onnx '" + kPicture.string() + "'"), form.size);
  }
  if (!runs) {
    GTEST_SKIP() << python << " has no onnxruntime and cv2 (Debian has no package): the Python code was compiled, not "
                 << "run. Name an interpreter that has them in OCRDET_TEST_PYTHON.";
  }
}

}  // namespace
}  // namespace ocrdet
