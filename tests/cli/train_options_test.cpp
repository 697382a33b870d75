// The options of `ocrdet train`: what is refused, before anything is read, and with which words.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace ocrdet::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::vector<std::string> problemsOf(const std::string& options) {
  const ProgramResult result = runProgram("train no-such-set --json " + options);
  EXPECT_EQ(result.status, 2) << options << "\n" << result.out << result.err;
  const json document = json::parse(result.out, nullptr, false);
  std::vector<std::string> messages;
  if (document.is_discarded()) return messages;
  for (const json& problem : document["problems"]) {
    EXPECT_EQ(problem["code"], "usage.option") << options;
    EXPECT_FALSE(problem["advice"].get<std::string>().empty()) << options;
    messages.push_back(problem["message"]);
  }
  return messages;
}

struct RefusedOption {
  const char* options;
  const char* message;
};
constexpr RefusedOption kRefused[] = {
    {"--momentum 1.5", "--momentum 1.5 is out of range: it must be at least 0 and at most 1."},
    {"--momentum -0.1", "--momentum -0.1 is"},
    {"--momentum nan", "--momentum nan is"},
    {"--weight-decay -1", "--weight-decay -1 is out of range: it must be at least 0."},
    {"--clip -1", "--clip -1 is"},
    {"--average 1", "--average 1 is out of range: it must be at least 0 and below 1."},
    {"--average -0.5", "--average -0.5 is"},
    {"--keep-initial 0.96", "--keep-initial 0.96 is out of range: it must be at least 0 and at most 0.95."},
    {"--keep-initial -0.1", "--keep-initial -0.1 is"},
    {"--keep-initial nan", "--keep-initial nan is"},
    {"--warm-up -1", "--warm-up -1 is"},
    {"--warm-up inf", "--warm-up inf is"},
    {"--patience -1", "--patience -1 is"},
    {"--workers 0", "--workers 0 is out of range: it must be at least 1 and at most 256."},
    {"--workers 257", "--workers 257 is"},
    {"--threads -1", "--threads -1 is"},
    {"--save-minutes 0", "--save-minutes 0 is out of range: it must be above 0."},
    {"--save-minutes nan", "--save-minutes nan is"},
    {"--mirror 1.1", "--mirror 1.1 is"},
    {"--text-crop -0.1", "--text-crop -0.1 is"},
    {"--colour 2", "--colour 2 is"},
    {"--rotation 181", "--rotation 181 is out of range: it must be at least 0 and at most 180."},
    {"--rotation -1", "--rotation -1 is"},
    {"--quarter-turns 90", "--quarter-turns 90 is out of range: it must be at least 0 and at most 1."},
    {"--quarter-turns -0.1", "--quarter-turns -0.1 is"},
    {"--min-text-size -1", "--min-text-size -1 is"},
    {"--teacher-weight -1", "--teacher-weight -1 is"},
    {"--validation-limit -1", "--validation-limit -1 is"},
    {"--synthetic -1", "--synthetic -1 is"},
    {"--synthetic 1000000000", "--synthetic 1000000000 is out of range: it must be at least 0 and at most 10000000."},
    {"--rate 0", "--rate 0 is out of range: it must be above 0 and at most 1."},
    {"--rate 1000", "--rate 1000 is"},
    {"--epochs 0", "--epochs 0 is"},
    {"--batch 0", "--batch 0 is"},
    {"--batch 2000", "--batch 2000 is"},
    {"--size 650", "--size 650 is not a multiple of 32 between 64 and 2048."},
    {"--size 32", "--size 32 is"},
    {"--scales 0.75,1,4", "--scales 4 makes pictures of 2560 out of --size 640, which is not between 64 and 2048."},
    {"--scales 0.5 --size 64", "--scales 0.5 makes pictures of 32 out of --size 64"},
    {"--scales 0.75,one", "--scales: \"one\" is no factor"},
    {"--scale-range 3,0.5", "--scale-range \"3,0.5\" is no range."},
    {"--patience 3", "--patience 3 waits for a better hmean, which nothing measures."},
    {"--freeze backbone", "--freeze backbone would keep random weights for ever."},
    {"--freeze head", "--freeze \"head\" is not known."},
    {"--optimizer sgdd", "--optimizer \"sgdd\" is not known."},
    {"--precision fp64", "--precision \"fp64\" is not known."},
    {"--device gpu", "--device \"gpu\" is not known."},
    {"--unlabelled x", "--unlabelled pictures teach nothing without --teacher."},
    {"--processes 0", "--processes 0 is"},
    {"--processes 65", "--processes 65 is"},
    {"--processes 3", "--batch 8 cannot be shared by 3 processes."},
    {"--processes 2 --process 2 --rendezvous a:1", "--process 2 is none of --processes 2."},
    {"--processes 2 --process 1", "--process 1 is not told where to meet the others."},
    {"--rendezvous 10.0.0.1:29500", "--rendezvous needs --processes."},
    {"--processes 2 --rendezvous 10.0.0.1:door", "--rendezvous \"10.0.0.1:door\" is neither HOST:PORT"},
    {"--processes 2 --rendezvous 10.0.0.1:99999", "--rendezvous \"10.0.0.1:99999\" is"},
    {"--processes 2 --rendezvous 10.0.0.1:", "--rendezvous \"10.0.0.1:\" is"},
};

TEST(TrainOptions, AreRefusedWithTheNumberAndAGoodOne) {
  for (const RefusedOption& row : kRefused)
    EXPECT_THAT(problemsOf(row.options), testing::Contains(testing::StartsWith(row.message))) << row.options;
}

TEST(TrainOptions, AreAllReportedAtOnce) {
  EXPECT_THAT(problemsOf("--momentum 2 --workers 0 --optimizer best --scales 9 --patience 1 --rotation 200"),
              testing::UnorderedElementsAre(HasSubstr("--momentum 2"), HasSubstr("--workers 0"),
                                            HasSubstr("--optimizer \"best\""), HasSubstr("--scales 9"),
                                            HasSubstr("--patience 1"), HasSubstr("--rotation 200")));
}

constexpr const char* kAccepted[] = {
    "--momentum 0",
    "--momentum 1",
    "--average 0",
    "--keep-initial 0",
    "--keep-initial 0.95",
    "--clip 0",
    "--warm-up 0",
    "--workers 256",
    "--threads 0",
    "--save-minutes 0.001",
    "--rotation 180",
    "--quarter-turns 1",
    "--mirror 1 --text-crop 0 --colour 1",
    "--min-text-size 0 --validation-limit 0 --teacher-weight 0 --weight-decay 0",
    "--scales 0.75,1,1.25 --size 800",
    "--scales 3.2",
    "--patience 3 --validation no-such-set",
    "--processes 2 --process 1 --rendezvous localhost:29500",
};

// They get as far as the trainer, which misses the data set, or is missing itself where it was not built.
TEST(TrainOptions, OnTheEdgeOfTheirRangeAreTaken) {
  for (const char* options : kAccepted) {
    const ProgramResult result = runProgram(std::string("train no-such-set --json ") + options);
    const json document = json::parse(result.out, nullptr, false);
    ASSERT_FALSE(document.is_discarded()) << options << "\n" << result.out << result.err;
    EXPECT_THAT(document["error"]["code"], testing::AnyOf("file.missing", "train.not-built")) << options;
  }
}

}  // namespace
}  // namespace ocrdet::test
