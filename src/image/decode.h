// Bytes of a picture file to pixels. The content decides what a file is, never its name.
//
// The header is read first and the number of pixels checked against a budget, so that a small file which claims to be
// huge costs nothing. JPEG pixels are those of libjpeg-turbo's defaults (and so of OpenCV). Transparent pixels are
// composited on white, since documents and screenshots with transparency are made to be seen on it. 16-bit samples are
// rounded to 8 bits. Of an animation the first frame is taken; of a TIFF file the page that is asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "image/image.h"

namespace ocrdet {

enum class ImageFormat { kJpeg, kPng, kWebp, kTiff, kBmp };

std::string_view name(ImageFormat format);  // "JPEG"

inline constexpr std::pair<std::string_view, ImageFormat> kImageEndings[] = {
    {".jpg", ImageFormat::kJpeg}, {".jpeg", ImageFormat::kJpeg}, {".jfif", ImageFormat::kJpeg},
    {".png", ImageFormat::kPng},  {".bmp", ImageFormat::kBmp},   {".webp", ImageFormat::kWebp},
    {".tif", ImageFormat::kTiff}, {".tiff", ImageFormat::kTiff}};

// What a name's ending promises, in any case of letters; nothing when it is no image's. For the listing and checking of
// folders only.
std::optional<ImageFormat> formatOfName(const std::filesystem::path& path);
bool hasImageName(const std::filesystem::path& path);

struct ImageInfo {
  ImageFormat format = ImageFormat::kJpeg;
  int height = 0;  // as stored, before `orientation`
  int width = 0;
  int orientation = 1;  // EXIF, 1 to 8
  int pages = 1;        // more than one only for TIFF
};

struct DecodeOptions {
  std::int64_t max_pixels = 100'000'000;
  int page = 0;
};

// Reads the header alone. `page` picks the page of a TIFF file. Throws image.unsupported, image.corrupt,
// image.truncated.
ImageInfo readImageInfo(std::span<const std::byte> bytes, int page = 0);

// Throws what readImageInfo throws, and image.too-large. The image is upright.
Image decodeImage(std::span<const std::byte> bytes, const DecodeOptions& options = {});

// The same for a file; also throws file.missing and file.unreadable. Messages name the file.
Image readImage(const std::filesystem::path& path, const DecodeOptions& options = {});

}  // namespace ocrdet
