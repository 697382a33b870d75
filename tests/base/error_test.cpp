#include "ocrdet/error.h"

#include <gmock/gmock.h>

#include <regex>
#include <set>

#include "base/json.h"

namespace ocrdet {
namespace {

TEST(Error, ReportsEveryProblemAtOnce) {
  const Error error({{&codes::kSizeNotMultipleOf32, "height 600 is bad.", "Use 608."},
                     {&codes::kSizeOutOfRange, "width 9000 is too large.", "Use 1536."}});
  EXPECT_STREQ(error.what(),
               "size.not-multiple-of-32: height 600 is bad. Use 608.\n"
               "size.out-of-range: width 9000 is too large. Use 1536.");
  EXPECT_EQ(error.exitStatus(), ExitStatus::kUsage);
}

TEST(Error, BecomesJsonWithNumbersAsNumbers) {
  const Error error({&codes::kFileMissing, "gone", "look", {{"path", "a.pt"}, {"errno", std::int64_t{2}}}, "ENOENT"});
  const Json json = toJson(error);
  EXPECT_EQ(json["success"], false);
  EXPECT_EQ(json["error"]["code"], "file.missing");
  EXPECT_EQ(json["error"]["details"]["errno"], 2);
  EXPECT_EQ(json["error"]["cause"], "ENOENT");
  EXPECT_EQ(json["problems"].size(), 1u);
}

TEST(Error, TextWithBrokenUtf8StillBecomesJson) {
  EXPECT_EQ(jsonText(Json{{"path", "caf\xE9"}}, false), "{\"path\":\"caf\xEF\xBF\xBD\"}");
}

TEST(ErrorCodes, AreUniqueAndNamedDomainDotReason) {
  const std::regex form("[a-z]+\\.[a-z0-9]+(-[a-z0-9]+)*");
  std::set<std::string> seen;
  for (const ErrorCode* code : kAllErrorCodes) {
    EXPECT_TRUE(std::regex_match(code->name, form)) << code->name;
    EXPECT_TRUE(seen.insert(code->name).second) << code->name << " twice";
  }
}

}  // namespace
}  // namespace ocrdet
