// What a session refuses before ONNX Runtime sees it, and what it gives to several threads at once.
#include "runtime/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "contract/file_contract.h"
#include "detect/tiny_network.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

Session dynamicSession() {
  test::TinyNetwork network;
  network.metadata = toMetadata(FileContract{});
  const std::string bytes = test::onnxBytes(network);
  return Session::fromBytes(std::as_bytes(std::span(bytes)));
}

std::vector<Problem> problemsOf(const std::string& name, TensorShape shape) {
  const std::vector<float> values(static_cast<std::size_t>(elementCount(shape).value_or(0)));
  try {
    dynamicSession().run({{name, viewOf(std::move(shape), values)}});
  } catch (const Error& error) {
    return error.problems();
  }
  return {};
}

TEST(Session, RefusesSidesThatAreNotMultiplesWithTheirArithmetic) {
  for (const auto& [height, width, arithmetic] :
       {std::tuple(100, 100, "100 of input 'input' is not a multiple of 32 (3 × 32 + 4)"),
        std::tuple(125, 127, "125 of input 'input' is not a multiple of 32 (3 × 32 + 29)")}) {
    const std::vector<Problem> problems = problemsOf("input", {1, 3, height, width});
    ASSERT_EQ(problems.size(), 2U);
    EXPECT_STREQ(problems[0].code->name, "input.size-not-multiple");
    EXPECT_THAT(problems[0].message, ::testing::HasSubstr(arithmetic));
  }
}

TEST(Session, NamesAWrongInputARankAndALayout) {
  EXPECT_STREQ(problemsOf("images", {1, 3, 64, 64}).at(0).code->name, "input.name");
  EXPECT_STREQ(problemsOf("input", {3, 64, 64}).at(0).code->name, "input.rank");
  EXPECT_STREQ(problemsOf("input", {1, 64, 64, 3}).at(0).code->name, "input.layout");
}

TEST(Session, RefusesBytesWhereFloatsAreTaken) {
  const std::vector<std::uint8_t> bytes(3 * 64 * 64);
  try {
    dynamicSession().run({{"input", viewOf({1, 3, 64, 64}, bytes)}});
    FAIL() << "uint8 was accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.code().name, "input.type");
  }
}

TEST(Session, GivesFourThreadsTheSameResult) {
  const Session session = dynamicSession();
  std::vector<float> values;
  for (int i = 0; i < 3 * 64 * 64; ++i) values.push_back(static_cast<float>(i % 17 - 8) / 100);
  const auto run = [&] {
    const std::vector<NamedTensor> outputs = session.run({{"input", viewOf({1, 3, 64, 64}, values)}});
    const std::span<const float> found = floatsOf(outputs[0].tensor);
    return std::vector<float>(found.begin(), found.end());
  };
  const std::vector<float> expected = run();
  std::vector<std::vector<float>> found(4);
  std::vector<std::thread> threads;
  for (auto& result : found) threads.emplace_back([&] { result = run(); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : found) EXPECT_EQ(result, expected);
}

TEST(Session, TakesNoOtherProviderThanTheOneAskedFor) {
  const std::string bytes = test::onnxBytes({});
  SessionOptions options;
  options.provider = Provider::kTensorRt;
  try {
    Session::fromBytes(std::as_bytes(std::span(bytes)), options);
    GTEST_SKIP() << "This ONNX Runtime has TensorRT.";
  } catch (const Error& error) {
    EXPECT_STREQ(error.code().name, "runtime.provider-missing");
  }
}

}  // namespace
}  // namespace ocrdet
