#include "synth/wear.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "image/decode.h"
#include "image/encode.h"
#include "synth/background.h"
#include "synth/visibility.h"

namespace ocrdet::synth {
namespace {

// Light as a factor a pixel: uneven lamps and one shadow with a soft edge.
void applyLight(const Wear& wear, Image& image, Random& random) {
  cv::Mat light = noiseField(image.height, image.width, random, 1, 2, 0.5);
  light = 1 + (light - 0.5) * wear.unevenness;
  if (wear.shadow > 0) {
    const double angle = random.between(0, 6.28), cosine = std::cos(angle), sine = std::sin(angle);
    const double offset = random.between(-0.3, 0.3) * image.width, softness = random.betweenLog(2, 80);
    for (int y = 0; y < image.height; ++y)
      for (int x = 0; x < image.width; ++x) {
        const double distance = (x - image.width / 2.0) * cosine + (y - image.height / 2.0) * sine - offset;
        light.at<float>(y, x) *= float(1 - wear.shadow * std::clamp(0.5 + distance / softness, 0.0, 1.0));
      }
  }
  for (int y = 0; y < image.height; ++y) {
    std::uint8_t* pixel = image.row(y);
    const auto* factor = light.ptr<float>(y);
    for (int x = 0; x < image.width; ++x)
      for (int c = 0; c < 3; ++c, ++pixel) *pixel = std::uint8_t(std::min(255.0F, float(*pixel) * factor[x] + 0.5F));
  }
}

// Contrast, brightness and cast in one table a channel.
void applyTone(const Wear& wear, Image& image, Random& random) {
  std::array<std::array<std::uint8_t, 256>, 3> tables;
  for (auto& table : tables) {
    const double gain = wear.contrast * (1 + wear.cast * random.bell() * 0.3);
    for (int level = 0; level < 256; ++level)
      table[std::size_t(level)] = std::uint8_t(std::clamp(128 + (level - 128) * gain + wear.brightness, 0.0, 255.0));
  }
  for (std::size_t i = 0; i < image.bgr.size(); ++i) image.bgr[i] = tables[i % 3][image.bgr[i]];
}

void applyMotion(double length, Image& image, Random& random) {
  const int side = std::max(3, int(length) | 1);
  cv::Mat kernel = cv::Mat::zeros(side, side, CV_32F);
  const double angle = random.between(0, 3.14);
  const cv::Point2d reach(std::cos(angle) * side / 2, std::sin(angle) * side / 2), middle(side / 2, side / 2);
  cv::line(kernel, cv::Point(middle - reach), cv::Point(middle + reach), 1);
  kernel /= cv::sum(kernel)[0];
  cv::filter2D(view(image), view(image), -1, kernel);
}

// A table of normal deviates, read from a random place in each row: a thousand times faster than drawing them.
void applyNoise(double deviation, Image& image, Random& random) {
  static const auto kDeviates = [] {
    std::array<float, 1U << 15U> values;
    Random fixed = Random::stream(1, 0);
    for (float& value : values) value = float(fixed.normal());
    return values;
  }();
  for (int y = 0; y < image.height; ++y) {
    std::size_t at = random.next() % kDeviates.size();
    std::uint8_t* pixel = image.row(y);
    for (int x = 0; x < image.width * 3; ++x, ++at) {
      const float value = float(pixel[x]) + float(deviation) * kDeviates[at % kDeviates.size()];
      pixel[x] = std::uint8_t(std::clamp(value + 0.5F, 0.0F, 255.0F));
    }
  }
}

void applyCopying(Image& image, Random& random) {
  cv::Mat grey;
  cv::cvtColor(view(image), grey, cv::COLOR_BGR2GRAY);
  cv::Mat binary;
  if (random.chance(0.5))
    cv::adaptiveThreshold(grey, binary, 255, cv::ADAPTIVE_THRESH_MEAN_C, cv::THRESH_BINARY, 31, random.between(8, 20));
  else
    cv::threshold(grey, binary, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
  for (int i = random.whole(0, 400); i > 0; --i)
    binary.at<std::uint8_t>(random.whole(0, grey.rows - 1), random.whole(0, grey.cols - 1)) ^= 255;
  cv::cvtColor(binary, view(image), cv::COLOR_GRAY2BGR);
}

}  // namespace

Wear wearOfCamera(Random& random) {
  Wear wear;
  wear.unevenness = random.between(0, 0.6);
  if (random.chance(0.3)) wear.shadow = random.between(0.15, 0.55);
  wear.contrast = random.chance(0.2) ? random.between(0.35, 0.6) : random.between(0.65, 1.15);
  wear.brightness = random.bell() * 18;
  wear.cast = random.between(0, 0.5);
  if (random.chance(0.25)) wear.shrink = random.between(0.5, 0.95);
  if (random.chance(0.6)) wear.blur = random.betweenLog(0.3, 1.5);
  if (random.chance(0.12)) wear.motion = random.between(3, 7);
  if (random.chance(0.6)) wear.noise = random.betweenLog(1, 14);
  if (random.chance(0.8)) wear.jpeg_quality = random.whole(30, 95);
  return wear;
}

Wear wearOfScanner(Random& random) {
  Wear wear;
  wear.copied = random.chance(0.2);
  wear.unevenness = random.between(0, 0.12);
  wear.contrast = random.between(0.7, 1.1);
  wear.brightness = random.bell() * 8;
  if (random.chance(0.3)) wear.shrink = random.between(0.6, 0.95);
  if (random.chance(0.5)) wear.blur = random.betweenLog(0.3, 0.9);
  if (random.chance(0.4)) wear.noise = random.betweenLog(1, 8);
  if (random.chance(0.8)) wear.jpeg_quality = random.whole(35, 95);
  return wear;
}

Wear wearOfScreen(Random& random) {
  Wear wear;
  if (random.chance(0.2)) wear.shrink = random.between(0.7, 0.95);
  if (random.chance(0.5)) wear.jpeg_quality = random.whole(50, 97);
  return wear;
}

void apply(const Wear& wear, Image& image, std::vector<TruthLine>& truth, Random& random) {
  if (wear.unevenness > 0 || wear.shadow > 0) applyLight(wear, image, random);
  if (wear.contrast != 1 || wear.brightness != 0 || wear.cast > 0) applyTone(wear, image, random);
  if (wear.copied) applyCopying(image, random);
  cv::Mat pixels = view(image);
  if (wear.shrink < 1) {
    cv::Mat small;
    cv::resize(pixels, small, {}, wear.shrink, wear.shrink, cv::INTER_AREA);
    cv::resize(small, pixels, pixels.size(), 0, 0, cv::INTER_LINEAR);
  }
  if (wear.blur > 0) cv::GaussianBlur(pixels, pixels, {}, wear.blur);
  if (wear.motion > 0) applyMotion(wear.motion, image, random);
  if (wear.noise > 0) applyNoise(wear.noise, image, random);
  if (wear.jpeg_quality < 100) {
    const std::string jpeg = encodeJpeg(image, wear.jpeg_quality);
    image = decodeImage(std::as_bytes(std::span(jpeg.data(), jpeg.size())));
  }
  ignoreInvisible(image, truth);
}

}  // namespace ocrdet::synth
