// Sets that we write are read by our own readers, whatever the pictures were called.
#include "dataset/set_writer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "dataset/check.h"
#include "dataset/layout.h"
#include "image/encode.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

TEST(SetWriter, GivesNamesThatReadersAndFileSystemsTake) {
  const fs::path folder = fs::path(testing::TempDir()) / ("set_writer_" + std::to_string(getpid()));
  std::string long_name;
  for (int i = 0; i < 80; ++i) long_name += "\u62a5";  // 240 bytes
  const std::string names[] = {long_name + ".jpg",
                               long_name + "x.jpg",
                               "l\xe4t.jpg",
                               "\xef\xbb\xbfmark.jpg",
                               " blank .jpg",
                               "a/b.c.jpg",
                               "1.jpg",
                               "gt_1.jpg",
                               "gt_2.jpg",
                               "2.jpg"};
  const std::string bytes = encodePng(makeImage(40, 60));
  {
    SetWriter writer(folder);
    for (const std::string& name : names)
      writer.add("train", name, bytes, std::vector<TruthLine>{{{{1, 1}, {30, 1}, {30, 12}, {1, 12}}, "one"}});
    writer.finish();
  }
  EXPECT_EQ(findTruth(folder, "train").size(), std::size(names));
  EXPECT_EQ(checkDataset(folder).findings.count(Level::kError), 0U);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace ocrdet
