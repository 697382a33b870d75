// Every form of the exported network against the maps that PyTorch computed from the same weights and pictures.
#include "network/golden.h"

#include <gtest/gtest.h>

#include "model/network_graph.h"
#include "passes/pipeline.h"

namespace ocrdet {
namespace {

using namespace test;

constexpr float kTolerance = 1e-4f;
constexpr float kFloat16Tolerance = 5e-3f;

void expectGolden(const FloatArray& maps, const GoldenCase& golden, const std::string& kind, float tolerance) {
  const FloatArray expected = golden.map(kind);
  const FloatArray thin = thinned(maps, golden.stride);
  EXPECT_EQ(thin.shape, expected.shape) << golden;
  EXPECT_LE(largestDifference(thin.values, expected.values), tolerance) << kind << ' ' << golden;
}

GraphOptions fixedOptions(const GoldenCase& golden, GraphOptions options = {}) {
  options.batch = golden.batch;
  options.height = golden.height;
  options.width = golden.width;
  return options;
}

TEST(ReferenceGraph, GivesPyTorchsProbabilitiesAndLogitsWithoutOptimisation) {
  SessionOptions plain;
  plain.optimise = false;
  const Session session = sessionOf(buildReferenceGraph(formulaWeights(), {.logits_output = true}), plain);
  for (const GoldenCase& golden : kSmallCases) {
    expectGolden(runGoldenInput(session, golden, 0), golden, "prob", 1e-5f);
    expectGolden(runGoldenInput(session, golden, 1), golden, "logits", 5e-5f);
  }
}

class AtEveryOpset : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Opsets, AtEveryOpset, testing::Range(11, 18));

TEST_P(AtEveryOpset, ADynamicFileGivesPyTorchsProbabilities) {
  const Session session = sessionOf(buildExportGraph(formulaWeights(), {.opset = GetParam()}));
  for (const GoldenCase& golden : kSmallCases)
    expectGolden(runGoldenInput(session, golden), golden, "prob", kTolerance);
}

TEST_P(AtEveryOpset, AFixedFileGivesPyTorchsProbabilities) {
  const GoldenCase& golden = kSmallCases[static_cast<std::size_t>(GetParam()) % kSmallCases.size()];
  const Session session = sessionOf(buildExportGraph(formulaWeights(), fixedOptions(golden, {.opset = GetParam()})));
  expectGolden(runGoldenInput(session, golden), golden, "prob", kTolerance);
}

TEST_P(AtEveryOpset, AnAnySizeFileGivesPyTorchsProbabilities) {
  const Session session = sessionOf(buildExportGraph(formulaWeights(), {.any_size = true, .opset = GetParam()}));
  for (const GoldenCase& golden : kSmallCases)
    expectGolden(runGoldenInput(session, golden), golden, "prob", kTolerance);
}

TEST_P(AtEveryOpset, AFloat16FileGivesPyTorchsProbabilitiesWithinFiveThousandths) {
  GraphOptions options{.any_size = true, .opset = GetParam()};
  options.precision = GraphOptions::kFloat16;
  const Session session = sessionOf(buildExportGraph(formulaWeights(), options));
  for (const GoldenCase& golden : kSmallCases)
    expectGolden(runGoldenInput(session, golden), golden, "prob", kFloat16Tolerance);
}

TEST(ExportGraph, GivesPyTorchsProbabilitiesAtSixHundredForty) {
  const Session dynamic = sessionOf(buildExportGraph(formulaWeights(), {}));
  expectGolden(runGoldenInput(dynamic, kLargeCase), kLargeCase, "prob", kTolerance);
  const Session fixed = sessionOf(buildExportGraph(formulaWeights(), fixedOptions(kLargeCase)));
  expectGolden(runGoldenInput(fixed, kLargeCase), kLargeCase, "prob", kTolerance);
}

TEST(ExportGraph, TakesAndGivesFloat16WhenAsked) {
  GraphOptions options{.float16_io = true};
  options.precision = GraphOptions::kFloat16;
  const Session session = sessionOf(buildExportGraph(formulaWeights(), options));
  EXPECT_EQ(session.inputs().at(0).dtype, DType::kFloat16);
  EXPECT_EQ(session.outputs().at(0).dtype, DType::kFloat16);
}

TEST(ExportGraph, FreesEachAxisAlone) {
  const GoldenCase& golden = kSmallCases[2];  // 2×128×96
  for (int fixed_axes = 0; fixed_axes < 8; ++fixed_axes) {
    GraphOptions options;
    if (fixed_axes & 1) options.batch = golden.batch;
    if (fixed_axes & 2) options.height = golden.height;
    if (fixed_axes & 4) options.width = golden.width;
    const Session session = sessionOf(buildExportGraph(formulaWeights(), options));
    const SymbolicShape& input = session.inputs().at(0).shape;
    const SymbolicShape& output = session.outputs().at(0).shape;
    EXPECT_EQ(input[0], (fixed_axes & 1 ? Dimension{2, ""} : Dimension{0, "batch"}));
    EXPECT_EQ(output[0], input[0]);
    EXPECT_EQ(input[2], (fixed_axes & 2 ? Dimension{128, ""} : Dimension{0, "height"}));
    EXPECT_EQ(output[2], (fixed_axes & 2 ? Dimension{128, ""} : Dimension{0, "out_height"}));
    EXPECT_EQ(input[3], (fixed_axes & 4 ? Dimension{96, ""} : Dimension{0, "width"}));
    EXPECT_EQ(output[3], (fixed_axes & 4 ? Dimension{96, ""} : Dimension{0, "out_width"}));
    expectGolden(runGoldenInput(session, golden), golden, "prob", kTolerance);
  }
}

}  // namespace
}  // namespace ocrdet
