// Error texts of other fields, half of them near misses ("out of memory" of a database, "does not match" of a table):
// a wrong cause would send people the wrong way, so each must be called unknown.

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "explain/explain.h"

namespace ocrdet {
namespace {

struct Unrelated {
  std::string field, text;
};

std::vector<Unrelated> unrelatedErrors() {
  std::ifstream file(OCRDET_SOURCE_DIR "/tests/explain/unrelated_errors.json");
  std::vector<Unrelated> errors;
  for (const auto& entry : Json::parse(file)) errors.push_back({entry["field"], entry["text"]});
  return errors;
}

// What a person copies along with a message.
std::vector<std::string> asCopied(const std::string& text) {
  return {text, "\n  " + text + "\n", "2024-05-01 10:11:12 ERROR " + text,
          "Traceback (most recent call last):\n  File \"/srv/app.py\", line 12, in main\n    run()\n" + text};
}

TEST(UnrelatedErrors, NameNoCause) {
  const std::vector<Unrelated> errors = unrelatedErrors();
  EXPECT_GE(errors.size(), 40u);
  for (const Unrelated& error : errors) {
    for (const std::string& text : asCopied(error.text)) {
      const Explanation explanation = explain(text);
      EXPECT_FALSE(explanation.known()) << error.field << ": " << text << "\nwas recognised by \""
                                        << explanation.recognised << "\"";
      EXPECT_TRUE(explanation.causes.empty()) << error.field;
      EXPECT_TRUE(explanation.numbers.empty()) << error.field;
    }
  }
}

TEST(UnrelatedErrors, ShowThreeDifferentNearestCauses) {
  for (const Unrelated& error : unrelatedErrors()) {
    const Explanation explanation = explain(error.text);
    ASSERT_EQ(explanation.nearest.size(), 3u) << error.field;
    std::set<const Cause*> different;
    for (const Cause* cause : explanation.nearest) {
      ASSERT_NE(cause, nullptr) << error.field;
      different.insert(cause);
    }
    EXPECT_EQ(different.size(), 3u) << error.field;
  }
}

// The nearest causes come from the text: what resembles a message closely comes before what does not.
TEST(UnrelatedErrors, ShowWhatResemblesThemFirst) {
  const Explanation explanation = explain("Attempting to broadcst an axes by dimension other then one");
  ASSERT_FALSE(explanation.known());
  ASSERT_EQ(explanation.nearest.size(), 3u);
  EXPECT_STREQ(explanation.nearest.front()->id, "input.size-not-multiple-of-32");
}

}  // namespace
}  // namespace ocrdet
