// The architecture as tests: which component may include which, and which folder may know which foreign library.

#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>

#include "source_tree.h"

namespace ocrdet::test {
namespace {

// An arrow goes from a component to those it may include (besides itself and base). docs/design.md draws it.
const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"base", {}},
    {"tensor", {}},
    {"contract", {}},
    {"explain", {"contract"}},
    {"graph", {"tensor"}},
    {"model", {"graph", "tensor", "contract"}},
    {"passes", {"model", "graph", "tensor", "contract"}},
    {"onnx", {"graph", "tensor", "contract"}},
    {"runtime", {"contract", "graph", "tensor"}},
    {"image", {}},
    {"postprocess", {}},
    {"export", {"passes", "onnx", "runtime", "image", "model", "graph", "tensor", "contract"}},
    {"detect", {"export", "runtime", "image", "postprocess", "contract", "graph", "tensor"}},
    {"dataset", {"image", "postprocess", "contract"}},
    {"synth", {"dataset", "image"}},
    {"eval", {"detect", "dataset", "image", "postprocess"}},
    {"benchmark", {"detect", "export", "onnx", "runtime", "image", "graph"}},
    {"train",
     {"synth", "dataset", "eval", "detect", "image", "postprocess", "runtime", "model", "tensor", "contract", "graph"}},
    {"cli",
     {"train", "export", "detect", "eval", "dataset", "synth", "benchmark", "explain", "passes", "onnx", "runtime",
      "image", "postprocess", "model", "graph", "tensor", "contract"}},
};

// Foreign headers that only one folder may include.
const std::vector<std::pair<std::regex, std::string>> kKeptInside = {
    {std::regex("onnxruntime.*"), "runtime"},
    {std::regex("onnx/.*|google/protobuf/.*"), "onnx"},
    {std::regex("CLI/.*"), "cli"},
    {std::regex("torch/.*"), "train"},
    {std::regex("sqlite3.h|boost/.*"), "server"},
    {std::regex("zlib\\.h"), "tensor"},
    {std::regex("fontconfig/.*"), "synth"},
    {std::regex("polyclipping/.*|clipper.hpp"), "postprocess"},
};

std::vector<std::string> includesOf(const std::filesystem::path& file) {
  static const std::regex include("#include [<\"]([^>\"]+)[>\"]");
  // Code that a file prints (raw strings) is not its own.
  static const std::regex raw_string("R\"code\\([^]*?\\)code\"");
  const std::string text = std::regex_replace(readText(file), raw_string, "");
  std::vector<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), include), end; match != end; ++match)
    found.push_back((*match)[1]);
  return found;
}

std::string componentOf(const std::filesystem::path& file) {
  return std::filesystem::relative(file, std::filesystem::path(OCRDET_SOURCE_DIR) / "src").begin()->string();
}

TEST(Structure, IncludesFollowTheArrows) {
  int checked = 0;
  for (const auto& file : filesBelow("src", {".cpp", ".h"})) {
    const std::string component = componentOf(file);
    ASSERT_TRUE(kMayInclude.count(component)) << "src/" << component << " is not in the table of this test";
    for (const std::string& include : includesOf(file)) {
      const std::string target = include.substr(0, include.find('/'));
      if (include.find('/') == std::string::npos || !kMayInclude.count(target)) continue;
      if (target == component || target == "base") continue;
      EXPECT_TRUE(kMayInclude.at(component).count(target)) << file << " must not include " << include;
      ++checked;
    }
  }
  EXPECT_GT(checked, 20);
}

TEST(Structure, ForeignLibrariesStayInTheirFolder) {
  for (const auto& file : filesBelow("src", {".cpp", ".h"})) {
    for (const std::string& include : includesOf(file)) {
      for (const auto& [pattern, owner] : kKeptInside) {
        if (!std::regex_match(include, pattern) || componentOf(file) == owner) continue;
        // src/onnx is also the prefix of our own headers there.
        if (std::filesystem::exists(std::filesystem::path(OCRDET_SOURCE_DIR) / "src" / include)) continue;
        ADD_FAILURE() << file << " includes " << include << ", which belongs to src/" << owner;
      }
    }
  }
}

TEST(Structure, PublicHeadersShowOnlyTheStandardLibrary) {
  for (const auto& file : filesBelow("include", {".h"})) {
    for (const std::string& include : includesOf(file)) {
      EXPECT_TRUE(include.starts_with("ocrdet/") || include.find_first_of("/.") == std::string::npos)
          << file << ": " << include;
    }
  }
}

TEST(Structure, PublicHeadersMakeWhatTheyDeclareVisible) {
  for (const auto& file : filesBelow("include", {".h"})) {
    const std::string text = readText(file);
    EXPECT_NE(text.find("\n#pragma GCC visibility push(default)  // what libocrdet.so shows\nnamespace ocrdet {\n"),
              text.npos)
        << file;
    EXPECT_TRUE(text.ends_with("\n}  // namespace ocrdet\n#pragma GCC visibility pop\n")) << file;
  }
}

// Sources of one component may be compiled as one, and are where the trainer is not built.
TEST(Structure, EmbeddedFilesCanBeCompiledTogether) {
  std::set<std::string> arrays;
  const std::regex definition("static const unsigned char (\\w+)\\[\\]");
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(std::filesystem::path(OCRDET_BUILD_DIR) / "embedded")) {
    const std::string text = readText(file.path()).substr(0, 200);
    std::smatch name;
    ASSERT_TRUE(std::regex_search(text, name, definition)) << file;
    EXPECT_TRUE(arrays.insert(name[1]).second) << file << " defines " << name[1] << ", as another does";
    ++files;
  }
  EXPECT_GE(files, 2);
}

}  // namespace
}  // namespace ocrdet::test
