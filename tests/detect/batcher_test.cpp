#include "detect/batcher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace ocrdet {
namespace {

Image imageOf(int height, int width, std::uint8_t mark) {
  Image image = makeImage(height, width);
  image.bgr.front() = mark;
  return image;
}

// A network that answers with the image's mark, and whose first run waits until `others` more images are handed in.
struct MarkingNetwork {
  std::latch first_may_end{1};
  std::mutex mutex;
  std::vector<std::size_t> sizes;  // of the batches
  std::uint8_t fails_on = 255;
  std::atomic<int> at_a_time{0};

  std::vector<OwnedMap> operator()(std::span<const Image* const> images) {
    EXPECT_EQ(++at_a_time, 1);
    bool first = false;
    {
      const std::lock_guard lock(mutex);
      first = sizes.empty();
      sizes.push_back(images.size());
    }
    if (first) first_may_end.wait();
    std::vector<OwnedMap> maps;
    --at_a_time;
    for (const Image* image : images) {
      EXPECT_EQ(image->height, images.front()->height);
      EXPECT_EQ(image->width, images.front()->width);
      if (image->bgr.front() == fails_on) throw std::runtime_error("bad image");
      maps.push_back({{float(image->bgr.front())}, 1, 1});
    }
    return maps;
  }
};

struct Answer {
  float mark = -1;
  int together = 0;
  bool failed = false;
};

// Hands in the first image, and once its run is under way all the others. They are queued before the first run ends:
// each thread says so right before it calls, and a moment is left for the call itself.
std::vector<Answer> handIn(MarkingNetwork& network, std::size_t largest, const std::vector<Image>& images) {
  Batcher batcher(largest, [&](std::span<const Image* const> batch) { return network(batch); });
  std::vector<Answer> answers(images.size());
  const auto ask = [&](std::size_t i) {
    try {
      auto [map, together] = batcher(images[i]);
      answers[i] = {map.values.front(), together, false};
    } catch (const std::runtime_error&) {
      answers[i].failed = true;
    }
  };
  std::vector<std::jthread> threads;
  threads.emplace_back(ask, 0);
  while (network.at_a_time == 0) std::this_thread::yield();
  std::latch calling(std::ptrdiff_t(images.size()) - 1);
  for (std::size_t i = 1; i < images.size(); ++i)
    threads.emplace_back([&, i] {
      calling.count_down();
      ask(i);
    });
  calling.wait();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  network.first_may_end.count_down();
  threads.clear();
  return answers;
}

TEST(Batcher, PutsWaitingImagesOfOneSizeTogether) {
  std::vector<Image> images;
  for (std::uint8_t i = 0; i < 6; ++i) images.push_back(imageOf(32, 64, i));
  MarkingNetwork network;
  const std::vector<Answer> answers = handIn(network, 4, images);
  EXPECT_EQ(network.sizes, (std::vector<std::size_t>{1, 4, 1}));
  for (std::size_t i = 0; i < images.size(); ++i) EXPECT_EQ(answers[i].mark, float(i));
  EXPECT_EQ(answers[0].together, 1);
}

TEST(Batcher, KeepsSizesApart) {
  std::vector<Image> images;
  for (std::uint8_t i = 0; i < 9; ++i) images.push_back(imageOf(32, i % 2 ? 64 : 96, i));
  MarkingNetwork network;
  const std::vector<Answer> answers = handIn(network, 8, images);
  EXPECT_EQ(network.sizes.size(), 3U);
  for (std::size_t i = 0; i < images.size(); ++i) EXPECT_EQ(answers[i].mark, float(i));
  for (std::size_t i = 1; i < images.size(); ++i) EXPECT_EQ(answers[i].together, 4);
}

TEST(Batcher, OneFailureIsNobodyElses) {
  std::vector<Image> images;
  for (std::uint8_t i = 0; i < 5; ++i) images.push_back(imageOf(32, 64, i));
  MarkingNetwork network;
  network.fails_on = 3;
  const std::vector<Answer> answers = handIn(network, 8, images);
  for (std::size_t i = 0; i < images.size(); ++i) {
    EXPECT_EQ(answers[i].failed, i == 3) << i;
    EXPECT_EQ(answers[i].mark, i == 3 ? -1.0F : float(i));
  }
}

TEST(Batcher, OneCallerAloneDoesNotWait) {
  MarkingNetwork network;
  network.first_may_end.count_down();
  Batcher batcher(8, [&](std::span<const Image* const> batch) { return network(batch); });
  for (std::uint8_t i = 0; i < 20; ++i) EXPECT_EQ(batcher(imageOf(32, 32, i)).first.values.front(), float(i));
  EXPECT_EQ(network.sizes.size(), 20U);
}

}  // namespace
}  // namespace ocrdet
