// The table of layers against the list that PyTorch wrote, and the formula weights against PyTorch's bytes.
#include "model/architecture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/json.h"
#include "base/sha256.h"
#include "support/formula_weights.h"

namespace ocrdet {
namespace {

Json golden(const std::string& name) {
  std::ifstream file(OCRDET_GOLDEN_DIR "/network/" + name);
  return Json::parse(file);
}

TEST(Architecture, HasTheTensorsOfPyTorchInItsOrder) {
  const Json weights = golden("weights.json");
  ASSERT_EQ(expectedTensors().size(), weights.size());
  std::size_t position = 0;
  for (const auto& [name, entry] : weights.items()) {
    const ExpectedTensor& expected = expectedTensors()[position++];
    EXPECT_EQ(expected.name, name);
    EXPECT_EQ(expected.shape, entry["shape"].get<TensorShape>()) << name;
    EXPECT_EQ(ocrdet::name(expected.dtype), entry["dtype"].get<std::string>()) << name;
  }
}

TEST(Architecture, HasTheParameterCountsOfTheNetwork) {
  std::int64_t inference = 0, threshold = 0, statistics = 0, bytes = 0;
  for (const ExpectedTensor& tensor : expectedTensors()) {
    const std::int64_t size = *elementCount(tensor.shape);
    bytes += size * static_cast<std::int64_t>(byteSize(tensor.dtype));
    if (tensor.counter) continue;
    const bool statistic = tensor.name.ends_with("running_mean") || tensor.name.ends_with("running_var");
    (statistic ? statistics : tensor.threshold_head ? threshold : inference) += size;
  }
  EXPECT_EQ(inference, 12176513);
  EXPECT_EQ(threshold, 164417);
  EXPECT_EQ(statistics, 10112);
  EXPECT_EQ(bytes, 49404360);
}

TEST(Architecture, MultipliesAsOftenAsMeasuredAtSixHundredForty) {
  // Of a 640×640 input, in the layers that inference runs: 24.83 GMAC. A layer's output size follows from its level.
  double macs = 0;
  for (const Layer& layer : networkLayers()) {
    if (layer.kind == LayerKind::kBatchNorm || layer.name.starts_with("decoder.thresh")) continue;
    int divisor = 4;
    if (layer.name == "backbone.conv1") divisor = 2;
    for (const int level : {2, 3, 4})
      if (layer.name.starts_with("backbone.layer" + std::to_string(level))) divisor = 2 << level;
    for (const int level : {3, 4, 5})
      if (layer.name.starts_with("decoder.in" + std::to_string(level)) ||
          layer.name.starts_with("decoder.out" + std::to_string(level)))
        divisor = 1 << level;
    if (layer.name == "decoder.binarize.6") divisor = 2;  // of its input: a transposed layer multiplies per input pixel
    const double pixels = 640.0 / divisor * 640.0 / divisor;
    macs += pixels * layer.in_channels * layer.out_channels * layer.kernel * layer.kernel;
  }
  EXPECT_NEAR(macs / 1e9, 24.83, 0.005);
}

TEST(Architecture, FindsALayerByName) {
  const Layer& layer = networkLayer("backbone.layer3.0.downsample.0");
  EXPECT_EQ(layer.stride, 2);
  EXPECT_EQ(layer.kernel, 1);
  EXPECT_EQ(layer.padding, 0);
  EXPECT_FALSE(layer.bias);
  EXPECT_ANY_THROW(networkLayer("backbone.layer3.0.downsample"));
}

TEST(FormulaWeights, HaveTheBytesThatPyTorchWrote) {
  const StateDict formula = test::formulaStateDict();
  const Json weights = golden("weights.json");
  for (const auto& [name, entry] : weights.items()) {
    EXPECT_EQ(test::fnv1a(name), entry["fnv1a"].get<std::uint32_t>()) << name;
    std::string digest;
    if (name.ends_with("num_batches_tracked")) {
      const std::int64_t counter = test::formulaCounter(name);
      digest = sha256(std::as_bytes(std::span(&counter, 1)));
    } else {
      digest = sha256(formula.tensor(name).storage.bytes);
    }
    EXPECT_EQ(digest, entry["sha256"].get<std::string>()) << name;
  }
}

TEST(FormulaWeights, PaintTheImagesOfTheReference) {
  const Json images = golden("images.json");
  for (const auto& [name, entry] : images.items()) {
    int height = 0, width = 0, number = 0;
    ASSERT_EQ(std::sscanf(name.c_str(), "%dx%dx%d", &height, &width, &number), 3);
    const std::vector<std::uint8_t> pixels = test::formulaImage(height, width, number);
    EXPECT_EQ(sha256(std::as_bytes(std::span(pixels))), entry["sha256"].get<std::string>()) << name;
  }
}

TEST(FormulaWeights, GiveTheInputOfTheGoldenOutputs) {
  for (const Json& outputs : golden("outputs.json")) {
    const std::vector<float> input =
        test::formulaInput(outputs["batch"].get<int>(), outputs["height"].get<int>(), outputs["width"].get<int>());
    const Json& expected = outputs["stages"]["input"];
    ASSERT_EQ(static_cast<std::int64_t>(input.size()), elementCount(expected["shape"].get<TensorShape>()));
    for (std::size_t i = 0; i < expected["index"].size(); ++i)
      EXPECT_EQ(input[expected["index"][i].get<std::size_t>()], expected["value"][i].get<float>()) << outputs["name"];
  }
}

}  // namespace
}  // namespace ocrdet
