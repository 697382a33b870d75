// The pictures that verification runs a file on, in the form that the file takes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "image/image.h"
#include "ocrdet/contract.h"
#include "tensor/tensor.h"

namespace ocrdet {

struct TrialPicture {
  std::string name;  // "text", "noise", a file's name
  Image image;       // of any size; it is stretched to the size that is tried
};

// The bundled picture of text (Latin and Chinese lines in several sizes, one rotated, one pale).
TrialPicture textPicture();
// Independent uniform random bytes, the same every time: shows errors that smooth pictures hide, such as swapped
// channels.
TrialPicture noisePicture();
// The pictures of a folder (sorted by name, files that are no pictures left out), or one picture; none for an empty
// path. Throws file.missing, image.* for a single file that cannot be read.
std::vector<TrialPicture> readPictures(const std::filesystem::path& path);

// One batch of the same size.
struct TrialBatch {
  std::string name;  // "text", "text+noise"
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::vector<Image> images;

  std::int64_t count() const { return static_cast<std::int64_t>(images.size()); }
  std::string shape() const;  // "2x3x736x1280"
};

TrialBatch makeBatch(const std::vector<TrialPicture>& pictures, Size size);

// float32 [N,3,H,W], normalised as the network was trained; zeros (in normalised values) up to `padded` at the bottom
// and right.
std::vector<float> normalisedPlanes(const TrialBatch& batch, Size padded);
// uint8 [N,H,W,3], blue first.
std::vector<std::uint8_t> interleavedBytes(const TrialBatch& batch);

}  // namespace ocrdet
