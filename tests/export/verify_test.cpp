// Verification is itself tested: files that compute something else must fail, whatever else is right about them.

#include "ocrdet/verify.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>

#include "base/atomic_file.h"
#include "onnx/serialise.h"
#include "passes/pipeline.h"
#include "support/formula_checkpoint.h"
#include "support/formula_weights.h"

namespace ocrdet {
namespace {

const StateDict& weights() {
  static const StateDict dict = test::formulaStateDict();
  return dict;
}

GraphOptions fixedSize(int height, int width) {
  GraphOptions options;
  options.batch = 1;
  options.height = height;
  options.width = width;
  return options;
}

Graph graphFor(const GraphOptions& options) {
  Graph graph = buildExportGraph(weights(), options);
  graph.metadata["ocrdet.arch"] = "dbnet-resnet18";
  graph.metadata["ocrdet.size_mode"] = options.any_size ? "any" : options.height ? "fixed" : "dynamic";
  graph.metadata["ocrdet.multiple"] = "32";
  return graph;
}

VerifyReport verify(Graph graph, bool with_checkpoint = true) {
  const std::filesystem::path path =
      std::filesystem::path(testing::TempDir()) / ("verify_" + std::to_string(getpid()) + ".onnx");
  writeFileAtomically(path, serialiseOnnx(std::move(graph)));
  VerifyOptions options;
  options.model = path;
  if (with_checkpoint) options.checkpoint = test::formulaCheckpoint("formula.safetensors");
  options.measure_memory = false;
  const VerifyReport report = verifyOnnx(options);
  std::filesystem::remove(path);
  return report;
}

Initialiser& initialiser(Graph& graph, const std::string& name) {
  return *std::find_if(graph.initialisers.begin(), graph.initialisers.end(),
                       [&](const Initialiser& each) { return each.name == name; });
}

Node& node(Graph& graph, const std::string& name) {
  return *std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node& each) { return each.name == name; });
}

std::string failures(const VerifyReport& report) {
  std::string text;
  for (const VerifyCheck& check : report.checks) {
    if (!check.passed) text += check.name + ": " + check.detail + "\n";
  }
  return text;
}

TEST(Verify, PassesAFixedFile) {
  const VerifyReport report = verify(graphFor(fixedSize(96, 160)));
  EXPECT_TRUE(report.passed()) << failures(report);
  EXPECT_LT(report.probability.maximum, 2e-5);
  EXPECT_GT(report.probability.maximum, 0)
      << "folding changes the last bits; zero would mean that nothing was compared";
  EXPECT_THAT(report.shapes, testing::ElementsAre("1x3x96x160"));
  EXPECT_GT(report.load_ms, 0);
  EXPECT_GT(report.predicted_peak_bytes, 50'000'000);
}

TEST(Verify, PassesEveryFormOfFile) {
  struct Row {
    const char* name;
    std::function<void(GraphOptions&)> change;
  };
  const Row rows[] = {
      {"float16", [](GraphOptions& o) { o.precision = GraphOptions::kFloat16; }},
      {"float16 input and output",
       [](GraphOptions& o) {
         o.precision = GraphOptions::kFloat16;
         o.float16_io = true;
       }},
      {"embedded preprocessing", [](GraphOptions& o) { o.embed_preprocess = true; }},
      {"any size, fixed",
       [](GraphOptions& o) {
         o.any_size = true;
         o.height = 70;
         o.width = 125;
       }},
      {"free batch", [](GraphOptions& o) { o.batch.reset(); }},
      {"batch of 3", [](GraphOptions& o) { o.batch = 3; }},
      {"opset 11", [](GraphOptions& o) { o.opset = 11; }},
      {"opset 17", [](GraphOptions& o) { o.opset = 17; }},
  };
  for (const Row& row : rows) {
    GraphOptions options = fixedSize(64, 96);
    row.change(options);
    const VerifyReport report = verify(graphFor(options));
    EXPECT_TRUE(report.passed()) << row.name << "\n" << failures(report);
  }
}

// Each row damages a right file in one place.
const std::map<std::string, std::function<void(Graph&)>> kDamages = {
    {"one corrupted weight",
     [](Graph& graph) {
       std::string& bytes = initialiser(graph, "backbone.layer2.0.conv1.weight").bytes;
       bytes[4 * 1000 + 3] = static_cast<char>(bytes[4 * 1000 + 3] ^ 0x40);  // the highest bit of an exponent
     }},
    {"a weight of the last layer, slightly off",
     [](Graph& graph) {
       std::string& bytes = initialiser(graph, "decoder.binarize.6.weight").bytes;
       float value;
       std::memcpy(&value, bytes.data() + 40, 4);
       value += 0.01F;
       std::memcpy(bytes.data() + 40, &value, 4);
     }},
    {"a pad on the wrong side",
     [](Graph& graph) {
       node(graph, "backbone.layer1.0.conv1").attributes["pads"] = std::vector<std::int64_t>{0, 1, 2, 1};
     }},
    {"blue and red swapped",
     [](Graph& graph) {
       std::string& bytes = initialiser(graph, "backbone.conv1.weight").bytes;
       constexpr std::size_t kPlane = 7 * 7 * 4;
       for (std::size_t filter = 0; filter < 64; ++filter) {
         std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(filter * 3 * kPlane),
                          bytes.begin() + static_cast<std::ptrdiff_t>(filter * 3 * kPlane + kPlane),
                          bytes.begin() + static_cast<std::ptrdiff_t>(filter * 3 * kPlane + 2 * kPlane));
       }
     }},
    {"the output shifted by one pixel",
     [](Graph& graph) {
       Node& last = graph.nodes.back();
       last.outputs[0] = "unshifted";
       std::string pads(8 * 8, '\0');
       pads[3 * 8] = 1;                                                // one column before …
       std::fill(pads.begin() + 7 * 8, pads.begin() + 8 * 8, '\xff');  // … and minus one after
       graph.initialisers.push_back({"shift.pads", DType::kInt64, {8}, pads});
       graph.nodes.push_back({"Pad", "shift", {"unshifted", "shift.pads"}, {"output"}, {}});
     }},
    {"levels joined in the wrong order",
     [](Graph& graph) {
       for (Node& each : graph.nodes) {
         if (each.op == "Concat") std::swap(each.inputs[0], each.inputs[1]);
       }
     }},
    {"not a number",
     [](Graph& graph) { initialiser(graph, "decoder.binarize.6.bias").bytes = std::string("\0\0\xc0\x7f", 4); }},
};

TEST(Verify, FailsWhenTheFileComputesSomethingElse) {
  for (const auto& [name, damage] : kDamages) {
    Graph graph = graphFor(fixedSize(96, 160));
    damage(graph);
    EXPECT_FALSE(verify(std::move(graph)).passed()) << name;
  }
}

TEST(Verify, FailsInFloat16Too) {
  for (const char* name : {"a pad on the wrong side", "blue and red swapped", "the output shifted by one pixel"}) {
    GraphOptions options = fixedSize(96, 160);
    options.precision = GraphOptions::kFloat16;
    Graph graph = graphFor(options);
    if (std::string(name) == "the output shifted by one pixel") {
      kDamages.at(name)(graph);
    } else if (std::string(name) == "blue and red swapped") {
      std::string& bytes = initialiser(graph, "backbone.conv1.weight").bytes;
      constexpr std::ptrdiff_t kPlane = 7 * 7 * 2;
      for (std::ptrdiff_t filter = 0; filter < 64; ++filter) {
        const auto start = bytes.begin() + filter * 3 * kPlane;
        std::swap_ranges(start, start + kPlane, start + 2 * kPlane);
      }
    } else {
      kDamages.at(name)(graph);
    }
    EXPECT_FALSE(verify(std::move(graph)).passed()) << name;
  }
}

TEST(Verify, FailsWhenAnySizePadsAtTheWrongEnd) {
  GraphOptions options = fixedSize(70, 125);
  options.any_size = true;
  Graph graph = graphFor(options);
  std::string& pads = initialiser(graph, "pad.pads").bytes;
  std::swap_ranges(pads.begin() + 2 * 8, pads.begin() + 4 * 8, pads.begin() + 6 * 8);  // bottom, right become top, left
  EXPECT_FALSE(verify(std::move(graph)).passed());
}

TEST(Verify, FailsWhenTheFileIsNoMultipleOf32ButDoesNotSaySo) {
  GraphOptions options = fixedSize(96, 64);
  options.height.reset();
  Graph graph = graphFor(options);
  graph.metadata.clear();  // nothing tells our runtime what to refuse
  const VerifyReport report = verify(std::move(graph));
  EXPECT_THAT(failures(report), testing::HasSubstr("refuses 125x64: it ran, and the output is 1×1×128×64"));
}

TEST(Verify, WithoutACheckpointSaysWhatItComparedWith) {
  const VerifyReport report = verify(graphFor(fixedSize(64, 64)), false);
  EXPECT_TRUE(report.passed()) << failures(report);
  EXPECT_THAT(toText(report), testing::HasSubstr("compared with itself"));
}

}  // namespace
}  // namespace ocrdet
