#include "synth/background.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "image/decode.h"
#include "ocrdet/error.h"

namespace ocrdet::synth {
namespace {

cv::Vec3f randomColour(Random& random, double darkest = 0, double lightest = 255) {
  const double light = random.between(darkest, lightest), tint = random.between(0, 45);
  cv::Vec3f colour;
  for (int c = 0; c < 3; ++c) colour[c] = float(std::clamp(light + tint * random.bell(), 0.0, 255.0));
  return colour;
}

// From one colour to another by the field, plus fine grain.
void paintField(Image& image, const cv::Mat& field, const cv::Vec3f& low, const cv::Vec3f& high) {
  for (int y = 0; y < image.height; ++y) {
    std::uint8_t* to = image.row(y);
    const auto* value = field.ptr<float>(y);
    for (int x = 0; x < image.width; ++x, to += 3)
      for (int c = 0; c < 3; ++c)
        to[c] = std::uint8_t(std::clamp(low[c] + (high[c] - low[c]) * value[x], 0.0F, 255.0F));
  }
}

void paintWood(Image& image, Random& random) {
  // Noise stretched along the grain.
  const cv::Mat square = noiseField(image.height, std::max(8, image.width / 12), random, 3, 96, 0.75);
  cv::Mat field;
  cv::resize(square, field, {image.width, image.height}, 0, 0, cv::INTER_CUBIC);
  if (random.chance(0.5)) {
    const cv::Mat other = noiseField(std::max(8, image.height / 12), image.width, random, 3, 96, 0.75);
    cv::resize(other, field, {image.width, image.height}, 0, 0, cv::INTER_CUBIC);
  }
  const double light = random.between(30, 190);
  const cv::Vec3f dark(float(light * 0.35), float(light * 0.55), float(light * 0.8));
  paintField(image, field, dark, dark * 1.7F);
}

// Bricks or tiles with joints; every second row of bricks is shifted by a half.
void paintTiles(Image& image, Random& random) {
  const cv::Mat field = noiseField(image.height, image.width, random, 6, 160, 0.8);
  const cv::Vec3f base = randomColour(random, 40, 210);
  paintField(image, field, base * 0.8F, base * 1.15F);
  const bool bricks = random.chance(0.5);
  const int height = random.whole(18, 70), width = bricks ? height * random.whole(2, 3) : height,
            joint = random.whole(1, 4);
  cv::Mat pixels = view(image);
  const cv::Vec3f joint_colour = randomColour(random, 60, 220);
  const cv::Scalar colour(joint_colour[0], joint_colour[1], joint_colour[2]);
  for (int y = 0, row = 0; y < image.height; y += height, ++row) {
    cv::rectangle(pixels, {0, y}, {image.width, y + joint - 1}, colour, cv::FILLED);
    for (int x = bricks && row % 2 ? width / 2 : 0; x < image.width; x += width) {
      cv::rectangle(pixels, {x, y}, {x + joint - 1, y + height}, colour, cv::FILLED);
      if (!bricks || random.chance(0.4)) continue;
      cv::Mat one = pixels(cv::Rect(x, y, width, height) & cv::Rect(0, 0, image.width, image.height));
      one.convertTo(one, -1, random.between(0.85, 1.15));
    }
  }
  cv::GaussianBlur(pixels, pixels, {3, 3}, 0);
}

void paintCloth(Image& image, Random& random) {
  const cv::Vec3f base = randomColour(random, 20, 220);
  const cv::Mat field = noiseField(image.height, image.width, random, 2, 40, 0.5);
  paintField(image, field, base * 0.85F, base * 1.1F);
  const double period = random.between(3, 24), angle = random.between(0, 3.14), depth = random.between(0.02, 0.2);
  const double kx = std::cos(angle) * 6.28 / period, ky = std::sin(angle) * 6.28 / period;
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) {
      const double wave = 1 + depth * std::sin(kx * x + ky * y);
      for (int c = 0; c < 3; ++c) {
        std::uint8_t& pixel = image.row(y)[3 * x + c];
        pixel = std::uint8_t(std::clamp(pixel * wave, 0.0, 255.0));
      }
    }
}

void paintBuilding(cv::Mat pixels, Random& random, int left, int width, int top) {
  const cv::Vec3f wall = randomColour(random, 40, 220);
  const int bottom = pixels.rows;
  cv::rectangle(pixels, {left, top}, {left + width, bottom}, {wall[0], wall[1], wall[2]}, cv::FILLED);
  const int step_x = random.whole(16, 60), step_y = random.whole(20, 70);
  const cv::Vec3f glass = randomColour(random, 20, 160);
  for (int y = top + step_y / 2; y + step_y / 2 < bottom; y += step_y)
    for (int x = left + step_x / 3; x + step_x / 2 < left + width; x += step_x) {
      const double light = random.between(0.7, 1.3);
      cv::rectangle(pixels, {x, y}, {x + step_x / 2, y + step_y / 2},
                    {glass[0] * light, glass[1] * light, glass[2] * light}, cv::FILLED);
    }
}

void paintMadeUpView(Image& image, Random& random) {
  cv::Mat pixels = view(image);
  const cv::Mat clouds = noiseField(image.height, image.width, random, 2, 32, 0.6);
  const cv::Vec3f sky = randomColour(random, 110, 240);
  paintField(image, clouds, sky * 0.8F, sky * 1.15F);
  for (int i = random.whole(1, 5); i > 0; --i)
    paintBuilding(pixels, random, random.whole(-60, image.width - 40), random.whole(80, image.width / 2),
                  random.whole(-40, image.height * 2 / 3));
  // Trees, people, cars: soft blobs of one texture each.
  for (int i = random.whole(2, 9); i > 0; --i) {
    const cv::Vec3f colour = randomColour(random, 10, 230);
    const cv::Point at(random.whole(0, image.width), random.whole(image.height / 4, image.height));
    cv::ellipse(pixels, at, {random.whole(10, 110), random.whole(10, 110)}, random.between(0, 180), 0, 360,
                {colour[0], colour[1], colour[2]}, cv::FILLED);
  }
  const cv::Vec3f ground = randomColour(random, 40, 180);
  if (random.chance(0.6))
    cv::rectangle(pixels, {0, image.height - random.whole(30, image.height / 3)}, {image.width, image.height},
                  {ground[0], ground[1], ground[2]}, cv::FILLED);
  cv::GaussianBlur(pixels, pixels, {}, random.betweenLog(0.7, 6));
  cv::Mat grain;
  noiseField(image.height, image.width, random, 12, 320, 0.9).convertTo(grain, CV_32F, random.between(20, 90), -25);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      for (int c = 0; c < 3; ++c) {
        std::uint8_t& pixel = image.row(y)[3 * x + c];
        pixel = std::uint8_t(std::clamp(float(pixel) + grain.at<float>(y, x), 0.0F, 255.0F));
      }
}

// A random window of a photograph, turned to the picture's size. False when the file cannot be read.
bool paintPhotograph(Image& image, Random& random, const std::filesystem::path& path) {
  try {
    const Image photograph = readImage(path);
    const double share = random.between(0.5, 1);
    const double ratio = double(image.width) / image.height;
    const double height = share * std::min<double>(photograph.height, photograph.width / ratio), width = height * ratio;
    if (height < 8 || width < 8) return false;
    const cv::Rect window(int(random.unit() * (photograph.width - width)),
                          int(random.unit() * (photograph.height - height)), int(width), int(height));
    cv::Mat target = view(image);
    cv::resize(view(photograph)(window), target, target.size(), 0, 0, cv::INTER_LINEAR);
    if (random.chance(0.5)) cv::flip(target, target, 1);
    return true;
  } catch (const Error&) {
    return false;  // the next picture has another chance; a background is not worth stopping for
  }
}

}  // namespace

cv::Mat noiseField(int height, int width, Random& random, int coarse, int fine, double roughness) {
  cv::Mat field = cv::Mat::zeros(height, width, CV_32F), octave;
  double weight = 1, sum = 0;
  const double longer = std::max(height, width);
  for (int cells = coarse; cells <= fine; cells *= 2, weight *= roughness) {
    cv::Mat lattice(std::max(2, int(cells * height / longer)), std::max(2, int(cells * width / longer)), CV_32F);
    for (int y = 0; y < lattice.rows; ++y)
      for (int x = 0; x < lattice.cols; ++x) lattice.at<float>(y, x) = float(random.unit());
    cv::resize(lattice, octave, {width, height}, 0, 0, cv::INTER_LINEAR);
    cv::scaleAdd(octave, weight, field, field);
    sum += weight;
  }
  field *= 1 / sum;
  return field;
}

Colour colourAt(const Image& image, const Extent& extent) {
  const cv::Rect window =
      cv::Rect(cv::Point(int(extent.left), int(extent.top)), cv::Point(int(extent.right) + 1, int(extent.bottom) + 1)) &
      cv::Rect(0, 0, image.width, image.height);
  if (window.empty()) return {0.5, 0.5, 0.5, 1};
  const cv::Scalar mean = cv::mean(view(image)(window));
  return {mean[2] / 255, mean[1] / 255, mean[0] / 255, 1};
}

void paintSurface(Image& image, Random& random) {
  switch (random.whole(0, 5)) {
    case 0:
      return paintWood(image, random);
    case 1:
      return paintTiles(image, random);
    case 2:
      return paintCloth(image, random);
    default: {
      const cv::Vec3f base = randomColour(random, 20, 235);
      const double depth = random.between(0.02, 0.5);
      const cv::Mat field = noiseField(image.height, image.width, random, random.whole(1, 4),
                                       random.chance(0.5) ? 256 : 16, random.between(0.4, 0.9));
      paintField(image, field, base * float(1 - depth), base * float(1 + depth));
    }
  }
}

void paintView(Image& image, Random& random, std::span<const std::filesystem::path> photographs) {
  if (!photographs.empty() && random.chance(0.6) && paintPhotograph(image, random, random.pick(photographs))) return;
  if (random.chance(0.6)) return paintMadeUpView(image, random);
  paintSurface(image, random);
}

}  // namespace ocrdet::synth
