// Graphs written and read back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "ocrdet/error.h"
#include "onnx/check.h"
#include "onnx/model_proto.h"
#include "onnx/read.h"
#include "onnx/serialise.h"
#include "onnx/small_graph.h"

namespace ocrdet {
namespace {

using namespace test;
namespace fs = std::filesystem;

std::span<const std::byte> bytesOf(const std::string& text) {
  return std::as_bytes(std::span(text));
}

void expectSameGraph(const Graph& a, const Graph& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.opset, b.opset);
  EXPECT_EQ(a.metadata, b.metadata);
  for (const auto& [ours, theirs] : {std::pair(&a.inputs, &b.inputs), std::pair(&a.outputs, &b.outputs)}) {
    ASSERT_EQ(ours->size(), theirs->size());
    for (std::size_t i = 0; i < ours->size(); ++i) {
      EXPECT_EQ((*ours)[i].name, (*theirs)[i].name);
      EXPECT_EQ((*ours)[i].dtype, (*theirs)[i].dtype);
      EXPECT_EQ((*ours)[i].shape, (*theirs)[i].shape);
    }
  }
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    EXPECT_EQ(a.nodes[i].op, b.nodes[i].op);
    EXPECT_EQ(a.nodes[i].name, b.nodes[i].name);
    EXPECT_EQ(a.nodes[i].inputs, b.nodes[i].inputs);
    EXPECT_EQ(a.nodes[i].outputs, b.nodes[i].outputs);
    EXPECT_EQ(a.nodes[i].attributes, b.nodes[i].attributes);
  }
  ASSERT_EQ(a.initialisers.size(), b.initialisers.size());
  for (std::size_t i = 0; i < a.initialisers.size(); ++i) {
    EXPECT_EQ(a.initialisers[i].name, b.initialisers[i].name);
    EXPECT_EQ(a.initialisers[i].dtype, b.initialisers[i].dtype);
    EXPECT_EQ(a.initialisers[i].shape, b.initialisers[i].shape);
    EXPECT_EQ(a.initialisers[i].bytes, b.initialisers[i].bytes);
  }
}

TEST(OnnxFile, ComesBackAsTheGraphThatWasWritten) {
  const std::string bytes = serialiseOnnx(smallGraph());
  expectSameGraph(readOnnx(bytesOf(bytes)), smallGraph());
}

TEST(OnnxFile, KeepsEveryElementType) {
  for (const DType dtype : {DType::kFloat64, DType::kFloat32, DType::kFloat16, DType::kBfloat16, DType::kInt64,
                            DType::kInt32, DType::kInt16, DType::kInt8, DType::kUint8, DType::kBool}) {
    Graph graph = smallGraph();
    graph.initialisers[0].dtype = dtype;
    graph.initialisers[0].bytes = std::string(6 * byteSize(dtype), '\1');
    graph.inputs[0].dtype = dtype;
    const std::string bytes = serialiseOnnx(Graph(graph));
    expectSameGraph(readOnnx(bytesOf(bytes)), graph);
  }
}

TEST(OnnxFile, HasTheSameBytesEveryTimeInMemoryAndOnDisk) {
  const std::string bytes = serialiseOnnx(smallGraph());
  EXPECT_EQ(serialiseOnnx(smallGraph()), bytes);
  const fs::path path = fs::temp_directory_path() / ("ocrdet-round-trip-" + std::to_string(getpid()) + ".onnx");
  {
    AtomicFile file(path);
    writeOnnx(smallGraph(), file);
    file.commit();
  }
  std::ifstream stream(path, std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), bytes);
  stream.close();
  expectSameGraph(readOnnx(path), smallGraph());
  fs::remove(path);
}

TEST(OnnxFile, ReportsADiskThatIsFull) {
  // A file size limit stands for a full disk. The signal that comes with it would end the program.
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 100'000;
  Graph graph = smallGraph();
  graph.initialisers.push_back(makeInitialiser("large", {1'000'000}, std::vector<float>(1'000'000)));
  {
    AtomicFile file(fs::temp_directory_path() / "ocrdet-full-disk.onnx");
    setrlimit(RLIMIT_FSIZE, &small);
    EXPECT_THROW(writeOnnx(std::move(graph), file), Error);
    setrlimit(RLIMIT_FSIZE, &before);
  }
  std::signal(SIGXFSZ, previous);
}

struct Version {
  int opset, ir_version;
};

TEST(OnnxFile, NamesTheIrVersionThatTorchWritesForEachOpset) {
  for (const auto& [opset, ir_version] : {Version{11, 6}, Version{12, 7}, Version{13, 7}, Version{14, 7},
                                          Version{15, 8}, Version{16, 8}, Version{17, 8}}) {
    Graph graph = smallGraph();
    graph.opset = opset;
    const onnx::ModelProto model = toModelProto(std::move(graph));
    EXPECT_EQ(model.ir_version(), ir_version) << opset;
    EXPECT_EQ(model.producer_name(), "ocrdet");
    ASSERT_EQ(model.opset_import_size(), 1);
    EXPECT_EQ(model.opset_import(0).version(), opset);
  }
}

TEST(OnnxFile, PassesTheCheckerAndFailsItWhenBroken) {
  EXPECT_NO_THROW(checkOnnx(bytesOf(serialiseOnnx(smallGraph()))));

  Graph unordered = smallGraph();
  std::swap(unordered.nodes[0], unordered.nodes[1]);
  Graph wrong_shape = smallGraph();
  wrong_shape.outputs[0].shape[1] = {5, ""};
  Graph wrong_attribute = smallGraph();
  wrong_attribute.nodes[0].attributes["group"] = 1.5f;
  for (const Graph* broken : {&unordered, &wrong_shape, &wrong_attribute}) {
    try {
      checkOnnx(bytesOf(serialiseOnnx(Graph(*broken))));
      FAIL() << "the checker accepted a broken model";
    } catch (const Error& error) {
      EXPECT_STREQ(error.code().name, "onnx.invalid");
      EXPECT_FALSE(error.problems().front().cause.empty());
    }
  }
}

}  // namespace
}  // namespace ocrdet
