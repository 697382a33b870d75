// The contract of the command line: help, misspellings, exit status, JSON, and where options come from.

#include <gmock/gmock.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "cli/program.h"

namespace ocrdet::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

// Also those of groups: "dataset check".
std::vector<std::string> commandNames(const std::string& group = "") {
  const std::string help = runProgram(group + "--help").out;
  const std::regex line("\n  ([a-z]+) +[A-Z]");
  std::vector<std::string> names;
  for (std::sregex_iterator match(help.begin(), help.end(), line), end; match != end; ++match) {
    names.push_back(group + (*match)[1].str());
    if (!group.empty()) continue;
    for (const std::string& inner : commandNames(names.back() + " ")) names.push_back(inner);
  }
  return names;
}

TEST(Help, ListsTheCommands) {
  EXPECT_THAT(commandNames(), testing::IsSupersetOf({"export", "verify", "inspect", "check", "explain", "detect",
                                                     "version", "dataset check", "dataset synth"}));
}

TEST(Help, FitsAScreenAndEndsInThreeExamples) {
  for (const std::string& name : commandNames()) {
    const ProgramResult result = runProgram(name + " --help");
    EXPECT_EQ(result.status, 0) << name;
    std::istringstream lines(result.out);
    int count = 0, examples = 0;
    bool in_examples = false;
    for (std::string line; std::getline(lines, line); ++count) {
      EXPECT_LE(line.size(), 100u) << name << ": " << line;
      if (line == "Examples:") in_examples = true;
      if (in_examples && line.find("ocrdet " + name) != std::string::npos) ++examples;
    }
    EXPECT_LE(count, 45) << name;
    EXPECT_EQ(examples, 3) << name;
  }
}

TEST(Misspelling, OfACommandGetsASuggestion) {
  const ProgramResult result = runProgram("exprot best.pt");
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("Did you mean export?"));
  EXPECT_EQ(result.out, "");
}

TEST(Misspelling, OfAnOptionGetsASuggestion) {
  const ProgramResult result = runProgram("export best.pt --opsset 12");
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("There is no option --opsset."), HasSubstr("Did you mean --opset?")));
}

TEST(Misspelling, InAGroupIsMeasuredByWhatTheGroupHas) {
  EXPECT_THAT(runProgram("dataset chekc set").err,
              AllOf(HasSubstr("There is no command chekc."), HasSubstr("Did you mean check?")));
  EXPECT_THAT(runProgram("dataset check set --jsn").err, HasSubstr("Did you mean --json?"));
  EXPECT_THAT(runProgram("dataset").err, HasSubstr("ocrdet dataset --help"));
}

TEST(Misspelling, OfEverythingPointsToTheHelp) {
  EXPECT_THAT(runProgram("quux").err, HasSubstr("ocrdet --help"));
  EXPECT_EQ(runProgram("").status, 2);
}

struct StatusRow {
  const char* arguments;
  int status;
  const char* code;
};
constexpr StatusRow kStatusRows[] = {
    {"check 800x600", 2, ""},
    {"check 800x800", 0, ""},
    {"export missing.pt", 3, "file.missing"},
    {"export missing.pt --size 819x819", 2, "size.not-multiple-of-32"},
    {"export missing.pt --opset 9", 2, "opset.unsupported"},
    {"export missing.pt --batch 0", 2, "batch.out-of-range"},
    {"export missing.pt --size 800x800 --dynamic", 2, "usage.option"},
    {"export missing.pt --precision fp64", 2, "usage.option"},
    {"export missing.pt --max-memory lots", 2, "usage.option"},
    {"export", 2, "usage.option"},
    {"export .", 3, "file.unreadable"},
    {"verify missing.onnx", 3, "file.missing"},
    {"inspect missing.onnx", 3, "file.missing"},
    {"explain --jsonn x", 2, "usage.option"},
    {"dataset check missing", 3, "file.missing"},
    {"dataset synth out --kind hologram", 2, "usage.option"},
    {"dataset synth out --size 0x7", 2, "size.not-positive"},
    {"dataset synth out --photographs missing --count 0", 3, "file.missing"},
    {"dataset synth out --seed -1", 2, "usage.option"},
    {"dataset synth out --seed 18446744073709551616", 2, "usage.option"},
    {"dataset synth out --chinese nan", 2, "usage.option"},
    {"dataset label in out --sure nan", 2, "usage.option"},
    {"eval set --iou nan", 2, "usage.option"},
    {"detect a.jpg --unclip-ratio inf", 2, "usage.option"},
    {"detect a.jpg --threads -1", 2, "usage.option"},
    {"export missing.pt --threads 1025", 2, "usage.option"},
    {"verify missing.onnx --threads 100000", 2, "usage.option"},
    {"export --allow size.out-of-range missing.pt --size 640x640", 3, "file.missing"},
    {"dataset synth out --size 640x31 --count 0", 2, "usage.option"},
    {"dataset synth out --size 8193x640 --count 0", 2, "usage.option"},
    {"dataset synth out --size 4294967936x640 --count 0", 2, "usage.option"},  // 2^32 + 640
    {"dataset synth /proc/none/out --count 1", 4, "file.unwritable"},
    {"dataset pack missing out.pack", 3, "file.missing"},
};

TEST(ExitStatus, AndErrorCodeAreStable) {
  for (const StatusRow& row : kStatusRows) {
    const ProgramResult result = runProgram(std::string(row.arguments) + " --json");
    EXPECT_EQ(result.status, row.status) << row.arguments << "\n" << result.out << result.err;
    const json document = json::parse(result.out, nullptr, false);
    ASSERT_FALSE(document.is_discarded()) << row.arguments << " printed no single JSON document:\n" << result.out;
    if (*row.code == 0) continue;
    EXPECT_EQ(document["success"], false) << row.arguments;
    EXPECT_EQ(document["error"]["code"], row.code) << row.arguments;
    EXPECT_FALSE(document["error"]["advice"].get<std::string>().empty()) << row.arguments;
  }
}

TEST(Errors, NameEveryBrokenRuleAtOnce) {
  const ProgramResult result = runProgram("export missing.pt --size 819x600 --opset 42 --batch 99 --json");
  std::vector<std::string> codes;
  const json document = json::parse(result.out);
  for (const json& problem : document["problems"]) codes.push_back(problem["code"]);
  EXPECT_THAT(codes, testing::UnorderedElementsAre("size.not-multiple-of-32", "size.not-multiple-of-32",
                                                   "opset.unsupported", "batch.out-of-range"));
}

// Order: command line, environment, configuration file, default.
TEST(Options, ComeFromCommandLineThenEnvironmentThenFile) {
  const ScratchFolder folder;
  std::ofstream(folder / "options.toml") << "opset = 99\n";
  const std::string config = " --config " + (folder / "options.toml") + " --json";
  const auto opsetComplaint = [](const ProgramResult& result) {
    const json document = json::parse(result.out);
    return document["error"]["code"] == "opset.unsupported" ? document["error"]["message"].get<std::string>() : "";
  };
  EXPECT_THAT(opsetComplaint(runProgram("export x.pt" + config)), HasSubstr("99"));
  EXPECT_THAT(opsetComplaint(runProgram("export x.pt" + config, "OCRDET_OPSET=98")), HasSubstr("98"));
  EXPECT_THAT(opsetComplaint(runProgram("export x.pt --opset 97" + config, "OCRDET_OPSET=98")), HasSubstr("97"));
  EXPECT_EQ(opsetComplaint(runProgram("export x.pt --json")), "") << "the default is fine";
}

TEST(Options, OfAGroupsCommandComeFromTheSamePlaces) {
  const ScratchFolder folder;
  std::ofstream(folder / "options.toml") << "[dataset.synth]\ncount = 2\nsize = \"64x64\"\n[export]\nopset = 99\n";
  const auto made = [&](const std::string& name, const std::string& before) {
    const ProgramResult result =
        runProgram("dataset synth " + (folder / name) + " --json --config " + (folder / "options.toml"), before);
    return json::parse(result.out)["images"].get<int>();
  };
  EXPECT_EQ(made("a", ""), 2);
  EXPECT_EQ(made("b", "OCRDET_COUNT=3"), 3);
}

TEST(Options, AskForJsonFromEverywhereAlsoWhenOthersAreWrong) {
  const ScratchFolder folder;
  std::ofstream(folder / "options.toml") << "json = true\n";
  for (const ProgramResult& result : {runProgram("detect a.jpg --threads 9999", "OCRDET_JSON=1"),
                                      runProgram("detect a.jpg --threads 9999 --config " + (folder / "options.toml"))})
    EXPECT_EQ(json::parse(result.out)["error"]["code"], "usage.option");
}

// The answer of a shell to what was run with another standard output or error.
TEST(Results, ThatNobodyCanReadAreAnError) {
  for (const char* command : {"version", "version --json", "check 800x800", "check missing --json"}) {
    const ProgramResult result = runProgram(command + std::string(" >/dev/full; echo $?"));
    EXPECT_NE(result.out, "0\n") << command;
  }
  EXPECT_THAT(runProgram("version --json >/dev/full; echo $?").out, HasSubstr("4"));
}

TEST(Results, AreNotTouchedByMessagesThatNobodyWillRead) {
  const ScratchFolder folder;
  const std::string set = folder / "set", open = folder / "open.pack", closed = folder / "closed.pack";
  ASSERT_EQ(runProgram("dataset synth " + set + " --count 3 --size 64x64").status, 0);
  ASSERT_EQ(runProgram("dataset pack " + set + " " + open).status, 0);
  EXPECT_EQ(runProgram("dataset pack " + set + " " + closed + " 2>&-; echo $?").out, "0\n");
  EXPECT_EQ(readText(open), readText(closed));
}

TEST(Photographs, ThatCannotBeReadAreNamed) {
  const ScratchFolder folder;
  std::ofstream(folder / "lost.png") << "no picture";
  const std::string command = "dataset synth " + (folder / "out") + " --count 1 --size 64x64 --photographs ";
  const ProgramResult none = runProgram(command + folder.path().string());
  EXPECT_EQ(none.status, 3);
  EXPECT_THAT(none.err, HasSubstr("lost.png"));
}

TEST(Options, OfABrokenConfigurationFileAreReported) {
  const ScratchFolder folder;
  std::ofstream(folder / "broken.toml") << "opsset = 12\n";
  const ProgramResult result = runProgram("export x.pt --json --config " + (folder / "broken.toml"));
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(json::parse(result.out)["error"]["code"], "usage.config");
}

TEST(Version, NamesTheRuntimeOrSaysThatThereIsNone) {
  const json found = json::parse(runProgram("version --json").out);
  EXPECT_FALSE(found["onnxruntime"]["path"].get<std::string>().empty());
  const ProgramResult none = runProgram("version --json --onnxruntime /nowhere");
  EXPECT_EQ(none.status, 0);
  EXPECT_EQ(json::parse(none.out)["problem"]["code"], "runtime.missing");
}

}  // namespace
}  // namespace ocrdet::test
