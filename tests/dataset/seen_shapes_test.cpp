// The search for shapes that are there twice, against comparing each with all.
#include "dataset/seen_shapes.h"

#include <gtest/gtest.h>

#include <random>

#include "base/cancellation.h"
#include "dataset/mend.h"
#include "dataset/shape.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

Polygon boxAt(double left, double top, double width) {
  return {{left, top}, {left + width, top}, {left + width, top + 10}, {left, top + 10}};
}

TEST(SeenShapes, FindsWhatComparingEachWithAllFinds) {
  std::mt19937 random(6);
  // Quarters of a pixel around zero: on both sides of cells and of the half pixel that makes shapes the same.
  const auto quarter = [&](int range) { return int(random() % unsigned(range)) / 4.0 - 2; };
  SeenShapes seen;
  std::vector<Polygon> kept;
  int twins = 0;
  for (std::size_t i = 0; i < 2000; ++i) {
    const Polygon shape = boxAt(quarter(80), quarter(80), 20 + double(random() % 3));
    bool expected = false;
    for (const Polygon& other : kept) expected = expected || sameShape(shape, other);
    const auto twin = seen.findOrAdd(shape, kept.size());
    ASSERT_EQ(twin.has_value(), expected) << "shape " << i;
    if (twin) {
      EXPECT_TRUE(sameShape(shape, kept[*twin])) << "shape " << i;
      ++twins;
    } else {
      kept.push_back(shape);
    }
  }
  EXPECT_GT(twins, 500);
}

// As a list in a column has them: all begin at one edge.
TEST(SeenShapes, FindsTheTwinOfTheFirstOfManyLinesAtOneEdge) {
  SeenShapes seen;
  for (std::size_t i = 0; i < 500; ++i) EXPECT_FALSE(seen.findOrAdd(boxAt(10, 12.0 * double(i), 80), i));
  EXPECT_EQ(seen.findOrAdd(boxAt(10.4, 0.4, 80), 500), 0U);
}

TEST(MendTruth, CanBeInterrupted) {
  const std::vector<NumberedTruth> truth = {{1, {boxAt(10, 10, 40), "word", false}}};
  const MendContext context{{{96, 160}, {96, 160}}};
  EXPECT_EQ(mendTruth(truth, context).size(), 1U);
  setInterrupted(true);
  EXPECT_THROW(mendTruth(truth, context), Error);
  setInterrupted(false);
}

}  // namespace
}  // namespace ocrdet
