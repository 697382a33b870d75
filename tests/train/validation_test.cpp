// Validation says of weights what `ocrdet eval` says of the file that is exported from them.
#include "train/validation.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/json.h"
#include "cli/program.h"
#include "dataset/pack.h"
#include "image/encode.h"
#include "image/resize.h"
#include "ocrdet/detector.h"
#include "ocrdet/error.h"
#include "support/formula_weights.h"
#include "tensor/safetensors.h"
#include "train/learner.h"
#include "train/starting_weights.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

// The formula's network has never seen text and has no opinion: with more contrast it paints hundreds of spots on
// noise, which are as good for counting.
Weights spottyWeights() {
  Weights weights = test::startingWeights();
  Tensor& last = weights["decoder.binarize.6.weight"];
  std::vector<float> values = toFloat32(last);
  for (float& value : values) value *= 8;
  last = makeTensor(last.shape, std::move(values));
  weights["decoder.binarize.6.bias"] = makeTensor({1}, {-4.0F});
  return weights;
}

Image noise(int height, int width, std::uint64_t seed) {
  Random random(seed);
  Image small = makeImage(std::max(1, height / 8), std::max(1, width / 8));
  for (std::uint8_t& value : small.bgr) value = std::uint8_t(random.next());
  return resize(small, {height, width});
}

class Validation : public testing::Test {
 protected:
  // Pictures of two usual shapes and a strip that takes several tiles. As truth two thirds of the boxes that the
  // exported file finds, some of them ignored.
  void SetUp() override {
    fs::create_directories(set_ / "test_images");
    fs::create_directories(set_ / "test_gts");
    for (int number = 0; const auto& [height, width] : {std::pair{180, 240}, {300, 220}, {60, 1700}}) {
      const std::string name = std::to_string(++number);
      const Image image = noise(height, width, std::uint64_t(number));
      writeFileAtomically(set_ / "test_images" / (name + ".png"), encodePng(image));
      writeTruth(name, "0,0,9,0,9,9,0,9,word\n");
    }
    std::vector<NamedTensor> tensors;
    for (const auto& [name, tensor] : spottyWeights()) tensors.push_back({name, tensor});
    writeSafetensors(folder_.path() / "weights.safetensors", tensors, DType::kFloat32);
    const test::ProgramResult exported = test::runProgram("export '" + (folder_ / "weights.safetensors") +
                                                          "' --dynamic --no-verify -o '" + model_ + "'");
    ASSERT_EQ(exported.status, 0) << exported.err;
    const Json first = evaluated();
    for (const Json& image : first["images"]) {
      std::string truth;
      for (int number = 0; const Json& box : image["detection"]["boxes"]) {
        if (++number % 3 == 0) continue;
        for (const double coordinate : box) truth += std::to_string(coordinate) + ",";
        truth += number % 5 == 0 ? "###\n" : "word\n";
      }
      writeTruth(fs::path(std::string(image["image_path"])).stem().string(), truth);
    }
  }

  void writeTruth(const std::string& name, const std::string& truth) const {
    writeFileAtomically(set_ / "test_gts" / (name + ".txt"), truth);
  }

  // What `ocrdet eval` says of the exported file.
  Json evaluated() const {
    const test::ProgramResult result = test::runProgram("eval '" + set_.string() + "' --model '" + model_ + "' --json");
    EXPECT_EQ(result.status, 0) << result.err;
    return Json::parse(result.out);
  }

  const test::ScratchFolder folder_;
  const fs::path set_ = folder_.path() / "set";
  const std::string model_ = folder_ / "model.onnx";
};

TEST_F(Validation, SaysWhatEvalSaysOfTheExportedFile) {
  const Json expected = evaluated();
  ASSERT_EQ(expected["images"][2]["detection"]["tiles"], 2) << "the strip shows nothing otherwise";
  ASSERT_GT(expected["matched"], 100);
  ASSERT_GT(expected["hmean"], 0.5);
  ASSERT_LT(expected["hmean"], 0.95);

  TrainingOptions options;
  options.average = 0;
  Learner learner(spottyWeights(), options, Computing{});
  int largest = 0;
  const auto map = [&](const std::vector<float>& planes, int height, int width) {
    largest = std::max({largest, height, width});
    return learner.probabilities(planes, height, width);
  };
  const ValidationResult found = validate({validationSet(set_, 0)}, {}, map);
  // Two programs round their sums differently: a spot that is just a box for one may be none for the other.
  constexpr double kOneSpot = 0.005;
  EXPECT_NEAR(found.hmean, expected["hmean"], kOneSpot);
  EXPECT_NEAR(found.precision, expected["precision"], kOneSpot);
  EXPECT_NEAR(found.recall, expected["recall"], kOneSpot);
  EXPECT_NEAR(found.sets.front().second.found_cared, double(expected["found_cared"]), 1);
  EXPECT_LE(largest, ResizeOptions{}.max_side) << "tiles, as in detection";
}

// No map at all: what counts here is the truth alone.
std::vector<float> blankMap(const std::vector<float>& planes, int, int) {
  return std::vector<float>(planes.size() / 3, 0.0F);
}

TEST_F(Validation, TakesPackedFiles) {
  packDataset(set_, folder_.path() / "set.pack");
  const ValidationSet folder = validationSet(set_, 0), packed = validationSet(folder_.path() / "set.pack", 0);
  ASSERT_EQ(packed.pictures.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(packed.pictures[i].read().bgr, folder.pictures[i].read().bgr);
    ASSERT_EQ(packed.pictures[i].truth.size(), folder.pictures[i].truth.size());
    for (std::size_t j = 0; j < packed.pictures[i].truth.size(); ++j)
      EXPECT_EQ(packed.pictures[i].truth[j].ignored, folder.pictures[i].truth[j].ignored);
  }
  EXPECT_EQ(validationSet(folder_.path() / "set.pack", 2).pictures.size(), 2U);
}

TEST_F(Validation, NamesSetsByTheirFoldersHoweverTheyAreGiven) {
  fs::create_directories(folder_.path() / "other");
  fs::copy(set_, folder_.path() / "other" / set_.filename(), fs::copy_options::recursive);
  const std::vector<fs::path> paths = {set_, set_ / ".", folder_.path() / "other" / set_.filename()};
  const std::vector<ValidationSet> sets = validationSets(paths, 0);
  const std::string name = set_.filename().string();
  ASSERT_EQ(sets.size(), 3U);
  EXPECT_EQ(sets[0].name, name);
  EXPECT_EQ(sets[1].name, name + "-2");
  EXPECT_EQ(sets[2].name, name + "-3");
  EXPECT_EQ(toText({sets[0]}), toText({sets[2]})) << "the same pictures and truth";
}

TEST_F(Validation, NamesADamagedRecordOfAPackedFile) {
  const fs::path file = folder_.path() / "set.pack";
  packDataset(set_, file);
  std::string bytes = test::readText(file);
  const PackedSet packed = PackedSet::open(file);
  const std::string picture = test::readText(set_ / "test_images" / "2.png");
  bytes[bytes.find(picture) + picture.size() / 2] ^= 0x41;
  writeFileAtomically(file, bytes);
  const ValidationSet set = validationSet(file, 0);
  ASSERT_EQ(set.pictures.size(), 3U);
  const ValidationResult result = validate({set}, {}, blankMap);
  ASSERT_EQ(result.unreadable.size(), 1U);
  EXPECT_THAT(result.unreadable.front(), testing::HasSubstr("set.pack"));
}

TEST_F(Validation, NamesPicturesThatCannotBeReadAndFindsNothingInThem) {
  writeFileAtomically(set_ / "test_images" / "2.png", "no picture");
  const ValidationResult found = validate({validationSet(set_, 0)}, {}, blankMap);
  ASSERT_EQ(found.unreadable.size(), 1U);
  EXPECT_THAT(found.unreadable.front(), testing::HasSubstr((set_ / "test_images" / "2.png").string()));
  EXPECT_GT(found.sets.front().second.truth_cared, 0);
  EXPECT_EQ(found.hmean, 0);
}

TEST_F(Validation, RefusesASetWithoutATextThatCounts) {
  for (const char* name : {"1", "2"}) writeTruth(name, "5,5,30,5,30,20,5,20,###\n");
  writeTruth("3", "5,5,5,5,5,5,5,5,word\n");  // no area
  packDataset(set_, folder_.path() / "ignored.pack");
  for (const fs::path& set : {set_, folder_.path() / "ignored.pack"}) try {
      validationSet(set, 0);
      ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
      EXPECT_STREQ(error.code().name, "train.all-ignored");
      EXPECT_THAT(error.what(), testing::HasSubstr("3 pictures with 3 texts"));
    }
}

}  // namespace
}  // namespace ocrdet
