// A second runtime: OpenCV's dnn module reads the fixed-size file by its own parser and computes with its own kernels.
#include <gtest/gtest.h>

#include <opencv2/dnn.hpp>

#include "network/golden.h"
#include "passes/pipeline.h"

namespace ocrdet {
namespace {

using namespace test;

TEST(OpenCvDnn, LoadsFixedFilesOfEveryOpsetAndAgreesWithPyTorch) {
  for (int opset = 11; opset <= 17; ++opset) {
    for (const GoldenCase& golden : kSmallCases) {
      const std::string bytes = serialiseOnnx(buildExportGraph(
          formulaWeights(), {.height = golden.height, .width = golden.width, .batch = golden.batch, .opset = opset}));
      cv::dnn::Net net = cv::dnn::readNetFromONNX(bytes.data(), bytes.size());
      std::vector<float> input = formulaInput(golden.batch, golden.height, golden.width);
      const int sizes[] = {golden.batch, 3, golden.height, golden.width};
      net.setInput(cv::Mat(4, sizes, CV_32F, input.data()), "input");
      const cv::Mat output = net.forward("output");
      const std::vector<float> values(output.ptr<float>(), output.ptr<float>() + output.total());
      EXPECT_LE(largestDifference(values, golden.map("prob").values), 1e-4f) << "opset " << opset << ", " << golden;
    }
  }
}

}  // namespace
}  // namespace ocrdet
