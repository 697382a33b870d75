#include "base/byte_count.h"

#include <gtest/gtest.h>

#include "ocrdet/error.h"

namespace ocrdet {
namespace {

TEST(ByteCount, ChoosesTheUnit) {
  const std::pair<std::int64_t, const char*> rows[] = {
      {0, "0 bytes"},          {999, "999 bytes"},      {1000, "1.0 KB"},          {48'713'216, "48.7 MB"},
      {149'786'233, "150 MB"}, {999'600'000, "1.0 GB"}, {1'613'000'000, "1.6 GB"}, {1'000'000'000'000'000, "1000 TB"}};
  for (const auto& [bytes, text] : rows) EXPECT_EQ(byteCount(bytes), text) << bytes;
}

TEST(ParseByteCount, ReadsDecimalAndBinaryUnits) {
  const std::pair<const char*, std::int64_t> rows[] = {{"1000000", 1'000'000},    {"2GB", 2'000'000'000},
                                                       {"1.5 GB", 1'500'000'000}, {"800M", 800'000'000},
                                                       {"512MiB", 512LL << 20},   {"1kb", 1000}};
  for (const auto& [text, bytes] : rows) EXPECT_EQ(parseByteCount(text), bytes) << text;
}

TEST(ParseByteCount, RefusesWhatIsNoAmount) {
  for (const char* text : {"", "GB", "-2GB", "0", "2 apples", "2GBB", "nan", "inf", "1e300", "9999999999TB"}) {
    EXPECT_THROW(parseByteCount(text), Error) << text;
  }
}

}  // namespace
}  // namespace ocrdet
