// Pictures without text: surfaces, walls, made-up views, photographs.
#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <span>

#include "base/random.h"
#include "image/image.h"
#include "synth/page.h"

namespace ocrdet::synth {

// Smooth random values of mean 0.5, CV_32F: waves of `coarse` to `fine` cells across the longer side, each octave
// weaker by `roughness`.
cv::Mat noiseField(int height, int width, Random& random, int coarse, int fine, double roughness);

// The mean of a part of the picture; grey when it lies outside.
Colour colourAt(const Image& image, const Extent& extent);

// Table tops and walls: wood, stone, cloth, plaster, tiles, bricks, plain colours.
void paintSurface(Image& image, Random& random);

// A view with depth: sky, buildings, trees, blurred things; or one of the photographs.
void paintView(Image& image, Random& random, std::span<const std::filesystem::path> photographs);

}  // namespace ocrdet::synth
