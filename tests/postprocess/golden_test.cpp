// 336 golden cases of the originals, made with Python, OpenCV 4.6, shapely and pyclipper: the same boxes, the same
// whole numbers, scores within 1e-6.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "postprocess/map.h"

namespace ocrdet {
namespace {

using Json = nlohmann::json;

PostprocessOptions optionsOf(const Json& test) {
  static const std::map<std::string, PostprocessOptions (*)()> kPresets = {{"modelscope-quad", modelScopeQuads},
                                                                           {"modelscope-polygon", modelScopePolygons},
                                                                           {"mhliao-quad", mhLiaoQuads},
                                                                           {"mhliao-polygon", mhLiaoPolygons}};
  PostprocessOptions options = kPresets.at(test["preset"])();
  for (const auto& [key, value] : test["changes"].items()) {
    if (key == "thresh") options.pixel_threshold = value.get<float>();
    if (key == "box_thresh") options.box_threshold = value;
    if (key == "unclip_ratio") options.unclip_ratio = value;
    if (key == "epsilon") options.epsilon = value;
    if (key == "score") options.score = value == "slow" ? ScoreRegion::kContour : ScoreRegion::kShape;
  }
  return options;
}

TEST(OriginalMethod, ReproducesEveryGoldenCase) {
  const std::string folder = std::string(OCRDET_GOLDEN_DIR) + "/post/";
  const Json cases = Json::parse(std::ifstream(folder + "cases.json"));
  ASSERT_EQ(cases.size(), 336U);
  std::size_t boxes = 0;
  for (const Json& test : cases) {
    SCOPED_TRACE(test["map"].get<std::string>() + " " + test["preset"].get<std::string>() + " " +
                 test["changes"].dump());
    const test::OwnedMap map = test::readMap(folder + test["map"].get<std::string>());
    const Frame frame{test["image_height"], test["image_width"], double(map.height), double(map.width)};
    const PostprocessResult result = findText(map.view(), frame, optionsOf(test));
    ASSERT_EQ(result.found.size(), test["boxes"].size());
    for (std::size_t i = 0; i < result.found.size(); ++i, ++boxes) {
      Json points = Json::array();
      for (const Point& point : result.found[i].points)
        points.push_back({std::int64_t(point.x), std::int64_t(point.y)});
      ASSERT_EQ(points, test["boxes"][i]) << "box " << i;
      ASSERT_NEAR(result.found[i].score, test["scores"][i].get<double>(), 1e-6) << "box " << i;
    }
  }
  EXPECT_GT(boxes, 5000U);
}

}  // namespace
}  // namespace ocrdet
