#include "contract/file_contract.h"

#include <gtest/gtest.h>

namespace ocrdet {
namespace {

TEST(FileContract, SurvivesTheWayThroughMetadata) {
  FileContract contract;
  contract.version = "1.2.3";
  contract.size_mode = SizeMode::kFixed;
  contract.height = 736;
  contract.width = 1280;
  contract.mean = {1.5, 2.25, 3};
  contract.scale = 1.0 / 255;
  contract.preprocess_embedded = true;
  contract.resize = {ResizeRule::Kind::kLongSide, 960};
  contract.boxes.pixel_threshold = 0.25;
  contract.precision = "fp16";
  contract.passes = "fold_batch_norm,float16";
  contract.source_sha256 = "abc";
  contract.verified = "max 1e-05";
  const auto read = readFileContract(toMetadata(contract));
  ASSERT_TRUE(read);
  EXPECT_EQ(toMetadata(*read), toMetadata(contract));
  EXPECT_EQ(read->scale, 1.0 / 255) << "written with all its digits";
  EXPECT_EQ(read->resize.length, 960);
}

TEST(FileContract, IsAbsentInFilesOfOthers) {
  EXPECT_FALSE(readFileContract({}));
  EXPECT_FALSE(readFileContract({{"ocrdet.version", "1"}, {"framework", "paddle"}}));
}

TEST(FileContract, KeepsDefaultsWhereTheMetadataWasDamaged) {
  const auto read = readFileContract({{"ocrdet.arch", "dbnet-resnet18"},
                                      {"ocrdet.mean", "1,2"},
                                      {"ocrdet.scale", "nan"},
                                      {"ocrdet.height", "eight"},
                                      {"ocrdet.resize", "short-side:many"},
                                      {"ocrdet.unclip_ratio", "1.5x"}});
  ASSERT_TRUE(read);
  const FileContract defaults;
  EXPECT_EQ(read->mean, defaults.mean);
  EXPECT_EQ(read->scale, defaults.scale);
  EXPECT_EQ(read->height, 0);
  EXPECT_EQ(read->resize.length, defaults.resize.length);
  EXPECT_EQ(read->boxes, defaults.boxes);
}

TEST(FileContract, LetsWeightsCarryTheSettingsOfBoxesAlone) {
  const BoxSettings boxes{0.35, 0.45, 1.75};
  EXPECT_EQ(readBoxSettings(toMetadata(boxes)), boxes);
  EXPECT_EQ(readBoxSettings({{"format", "pt"}, {"ocrdet.box_threshold", "0.6"}}), (BoxSettings{0.2, 0.6, 1.5}));
}

}  // namespace
}  // namespace ocrdet
