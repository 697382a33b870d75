// Every form of the export as a file: the format's own checker, the same bytes twice, and back into a graph.
#include <gtest/gtest.h>

#include "graph/validate.h"
#include "model/network_graph.h"
#include "network/golden.h"
#include "onnx/check.h"
#include "onnx/read.h"
#include "passes/pipeline.h"

namespace ocrdet {
namespace {

using namespace test;

void expectAccepted(const GraphOptions& options) {
  const std::string bytes = serialiseOnnx(buildExportGraph(formulaWeights(), options));
  EXPECT_NO_THROW(checkOnnx(std::as_bytes(std::span(bytes))))
      << "opset " << options.opset << ", any size " << options.any_size << ", embedded " << options.embed_preprocess
      << ", float16 " << options.precision << options.float16_io << ", fixed " << options.width.has_value()
      << options.height.has_value();
}

TEST(ExportedFile, PassesTheCheckerAndStrictShapeInferenceInEveryForm) {
  for (const bool any_size : {false, true})
    for (const bool embed_preprocess : {false, true})
      for (const int half : {0, 1, 2})
        for (const int fixed_sides : {0, 1, 2}) {
          GraphOptions options{.any_size = any_size, .embed_preprocess = embed_preprocess, .float16_io = half == 2};
          options.precision = half > 0 ? GraphOptions::kFloat16 : GraphOptions::kFloat32;
          if (fixed_sides > 0) options.width = any_size ? 70 : 64;
          if (fixed_sides > 1) options.height = 96;
          expectAccepted(options);
        }
}

TEST(ExportedFile, PassesTheCheckerAndStrictShapeInferenceAtEveryOpset) {
  for (int opset = 11; opset <= 17; ++opset) {
    expectAccepted({.opset = opset});
    expectAccepted({.height = 64, .width = 96, .batch = 1, .opset = opset});
    GraphOptions everything{.any_size = true, .embed_preprocess = true, .opset = opset};
    everything.precision = GraphOptions::kFloat16;
    expectAccepted(everything);
  }
}

TEST(ExportedFile, HasTheSameBytesTwice) {
  GraphOptions options{.any_size = true, .embed_preprocess = true};
  options.precision = GraphOptions::kFloat16;
  EXPECT_EQ(serialiseOnnx(buildExportGraph(formulaWeights(), options)),
            serialiseOnnx(buildExportGraph(formulaWeights(), options)));
}

TEST(ExportedFile, ReadsBackAsAValidGraphThatWritesTheSameBytes) {
  const std::string bytes = serialiseOnnx(buildExportGraph(formulaWeights(), {.any_size = true}));
  Graph graph = readOnnx(std::as_bytes(std::span(bytes)));
  EXPECT_NO_THROW(validate(graph));
  EXPECT_EQ(serialiseOnnx(std::move(graph)), bytes);
}

TEST(ReferenceFile, PassesTheCheckerWithAndWithoutRegionsOfInterest) {
  for (const int opset : {11, 13, 17}) {
    const std::string bytes =
        serialiseOnnx(buildReferenceGraph(formulaWeights(), {.opset = opset, .logits_output = true}));
    EXPECT_NO_THROW(checkOnnx(std::as_bytes(std::span(bytes)))) << opset;
  }
}

}  // namespace
}  // namespace ocrdet
