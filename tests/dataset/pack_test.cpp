// Packed data sets: what goes in comes out, and no damaged file gets far.
#include "dataset/pack.h"

#include <gmock/gmock.h>

#include "dataset/layout.h"
#include "dataset/small_set.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;
using ocrdet::test::SmallSet;
using ::testing::HasSubstr;

std::string bytesOf(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string codeOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code().name;
  }
  return "none";
}

TEST(Pack, GivesBackEveryImageAndItsTruth) {
  const SmallSet set("pack");
  set.append("train_gts/tr2.txt", "1.5,2.25,30,2,30,9,1,9,###\n1,20,30,20,30,29,1,29,\"a, \\\"b\\\"\"\n");
  set.write("test_gts/te3.txt", "");
  const fs::path file = set.path() / "set.pack";
  const PackResult result = packDataset(set.path(), file);
  EXPECT_EQ(result.images, 12U);
  EXPECT_EQ(result.texts, 24U);
  EXPECT_EQ(std::uintmax_t(result.bytes), fs::file_size(file));
  EXPECT_TRUE(PackedSet::looksLikeOne(file));
  EXPECT_FALSE(PackedSet::looksLikeOne(set.path() / "train_list.txt"));
  EXPECT_FALSE(PackedSet::looksLikeOne(set.path()));

  const PackedSet packed = PackedSet::open(file);
  ASSERT_EQ(packed.size(), 12U);
  for (const std::string split : {"train", "test"}) {
    const std::vector<TruthImage> files = findTruth(set.path(), split);
    const std::vector<std::size_t> items = packed.itemsOf(split);
    ASSERT_EQ(items.size(), files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
      const PackedSet::Item item = packed.item(items[i]);
      EXPECT_EQ(item.name, files[i].image.filename().string());
      EXPECT_EQ(item.size, (PixelSize{96, 160}));
      const PackedSet::Sample sample = packed.read(items[i]);
      EXPECT_EQ(bytesOf(sample.image), set.read(files[i].image.lexically_relative(set.path()).string()));
      const std::vector<TruthLine> truth = readTruthFile(files[i].truth);
      ASSERT_EQ(sample.truth.size(), truth.size());
      for (std::size_t k = 0; k < truth.size(); ++k) {
        EXPECT_EQ(sample.truth[k].points, truth[k].points);
        EXPECT_EQ(sample.truth[k].text, truth[k].text);
        EXPECT_EQ(sample.truth[k].ignored, truth[k].ignored);
      }
    }
  }
}

TEST(Pack, KeepsPolygonsAndTurnsRotatedBoxesIntoQuads) {
  const SmallSet set("forms");
  for (int i = 1; i <= SmallSet::kImages; ++i) {
    set.write("train_gts/tr" + std::to_string(i) + ".txt", "10,10,35,8,60,10,60,30,35,28,10,30,curved\n");
    set.remove("test_gts/te" + std::to_string(i) + ".txt");
    set.write("test_gts/te" + std::to_string(i) + ".gt", "0 1 20 30 60 20 0.1\n");
  }
  packDataset(set.path(), set.path() / "set.pack");
  const PackedSet packed = PackedSet::open(set.path() / "set.pack");
  EXPECT_EQ(packed.read(packed.itemsOf("train")[0]).truth[0].points.size(), 6U);
  const TruthLine turned = packed.read(packed.itemsOf("test")[0]).truth.at(0);
  EXPECT_EQ(turned.points.size(), 4U);
  EXPECT_TRUE(turned.ignored);
}

TEST(Pack, RefusesSetsThatAreNotSoundAndLeavesNoFile) {
  const SmallSet set("unsound");
  set.write("train_images/tr2.png", "no picture");
  EXPECT_EQ(codeOf([&] { packDataset(set.path(), set.path() / "set.pack"); }), "image.unsupported");
  EXPECT_FALSE(fs::exists(set.path() / "set.pack"));
  const std::string whole = set.read("train_images/tr3.png");
  set.write("train_images/tr2.png", whole.substr(0, whole.size() / 2));
  EXPECT_EQ(codeOf([&] { packDataset(set.path(), set.path() / "set.pack"); }), "image.truncated");
  set.remove("train_gts/tr1.txt");
  EXPECT_EQ(codeOf([&] { packDataset(set.path(), set.path() / "set.pack"); }), "dataset.truth-missing");
}

TEST(Pack, OverwritesAFileOnlyWhenAsked) {
  const SmallSet set("again");
  packDataset(set.path(), set.path() / "set.pack");
  EXPECT_EQ(codeOf([&] { packDataset(set.path(), set.path() / "set.pack"); }), "file.exists");
  EXPECT_EQ(packDataset(set.path(), set.path() / "set.pack", {.overwrite = true}).images, 12U);
  EXPECT_EQ(codeOf([&] { packDataset(set.path(), set.path() / "train_gts", {.overwrite = true}); }), "file.exists");
}

TEST(Pack, OfNothingIsRefused) {
  const fs::path folder = fs::path(testing::TempDir()) / "pack_of_nothing";
  for (const char* inner : {"images", "gts"}) fs::create_directories(folder / inner);
  EXPECT_EQ(codeOf([&] { packDataset(folder, folder / "set.pack"); }), "dataset.layout-unknown");
  fs::remove_all(folder);
}

class DamagedPack : public ::testing::Test {
 protected:
  DamagedPack() : set_("damaged") {
    packDataset(set_.path(), set_.path() / "set.pack");
    sound_ = set_.read("set.pack");
  }
  // Opens and reads everything; the code of the first error.
  std::string open(const std::string& bytes) {
    set_.write("set.pack", bytes);
    return codeOf([&] {
      const PackedSet packed = PackedSet::open(set_.path() / "set.pack");
      for (std::size_t i = 0; i < packed.size(); ++i) packed.read(i);
    });
  }
  SmallSet set_;
  std::string sound_;
};

TEST_F(DamagedPack, IsNoticedWhereverItIsCut) {
  EXPECT_EQ(open(sound_), "none");
  for (std::size_t length = 0; length < sound_.size(); length += length < 100 ? 1 : 97)
    EXPECT_EQ(open(sound_.substr(0, length)), "dataset.pack-corrupt") << length;
}

TEST_F(DamagedPack, IsNoticedWhicheverByteChanged) {
  for (std::size_t at = 0; at < sound_.size(); at += at < 64 || at > sound_.size() - 600 ? 1 : 41) {
    std::string bytes = sound_;
    bytes[at] = char(bytes[at] ^ 0x41);
    EXPECT_THAT(open(bytes), HasSubstr("dataset.pack")) << at;
  }
}

TEST_F(DamagedPack, OfALaterVersionSaysSo) {
  std::string bytes = sound_;
  bytes[8] = 2;
  EXPECT_EQ(open(bytes), "dataset.pack-unsupported");
}

}  // namespace
}  // namespace ocrdet
