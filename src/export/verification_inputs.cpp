#include "export/verification_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <span>

#include "base/log.h"
#include "image/decode.h"
#include "image/normalise.h"
#include "image/resize.h"

namespace ocrdet {

extern const std::span<const std::byte> kVerificationTextPng;

TrialPicture textPicture() {
  return {"text", decodeImage(kVerificationTextPng)};
}

TrialPicture noisePicture() {
  Image image = makeImage(512, 512);
  std::mt19937 random(20240229);  // the sequence of mt19937 is fixed by the standard
  for (std::uint8_t& byte : image.bgr) byte = static_cast<std::uint8_t>(random() >> 24);
  return {"noise", std::move(image)};
}

std::vector<TrialPicture> readPictures(const std::filesystem::path& path) {
  if (path.empty()) return {};
  if (!std::filesystem::is_directory(path)) return {{path.filename().string(), readImage(path)}};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<TrialPicture> pictures;
  for (const std::filesystem::path& file : files) {
    try {
      pictures.push_back({file.filename().string(), readImage(file)});
    } catch (const Error& error) {
      logInfo(fmt::format("{} is left out: {}", file.string(), error.problems().front().message));
    }
  }
  return pictures;
}

std::string TrialBatch::shape() const {
  return fmt::format("{}x3x{}x{}", count(), height, width);
}

TrialBatch makeBatch(const std::vector<TrialPicture>& pictures, Size size) {
  TrialBatch batch;
  batch.height = size.height;
  batch.width = size.width;
  for (const TrialPicture& picture : pictures) {
    batch.name += (batch.name.empty() ? "" : "+") + picture.name;
    batch.images.push_back(resize(picture.image, {static_cast<int>(size.height), static_cast<int>(size.width)}));
  }
  return batch;
}

std::vector<float> normalisedPlanes(const TrialBatch& batch, Size padded) {
  const auto plane = static_cast<std::size_t>(batch.height * batch.width);
  std::vector<float> tight(3 * plane);
  std::vector<float> planes(static_cast<std::size_t>(batch.count() * 3 * padded.height * padded.width));
  float* row = planes.data();
  for (const Image& image : batch.images) {
    normalise(image, {}, tight);
    const float* source = tight.data();
    for (int channel = 0; channel < 3; ++channel) {
      for (std::int64_t y = 0; y < padded.height; ++y, row += padded.width) {
        if (y >= batch.height) continue;
        std::copy_n(source, batch.width, row);
        source += batch.width;
      }
    }
  }
  return planes;
}

std::vector<std::uint8_t> interleavedBytes(const TrialBatch& batch) {
  std::vector<std::uint8_t> bytes;
  for (const Image& image : batch.images) bytes.insert(bytes.end(), image.bgr.begin(), image.bgr.end());
  return bytes;
}

}  // namespace ocrdet
