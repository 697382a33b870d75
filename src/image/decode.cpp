// Sniffing, the pixel budget and orientation: everything that does not depend on the format.
#include "image/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/mapped_file.h"
#include "image/decoders.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

using decoders::Bytes;

// How a file of some kind begins. `offset` bytes come before `magic`.
struct Signature {
  std::size_t offset;
  std::string_view magic;
  std::string_view kind;
};

constexpr std::string_view bytes(const char* text, std::size_t size) {
  return {text, size};
}

constexpr std::pair<ImageFormat, Signature> kReadable[] = {
    {ImageFormat::kJpeg, {0, "\xFF\xD8\xFF", "JPEG"}},
    {ImageFormat::kPng, {0, "\x89PNG\r\n\x1A\n", "PNG"}},
    {ImageFormat::kWebp, {8, "WEBP", "WebP"}},
    {ImageFormat::kTiff, {0, bytes("II*\0", 4), "TIFF"}},
    {ImageFormat::kTiff, {0, bytes("MM\0*", 4), "TIFF"}},
    {ImageFormat::kTiff, {0, bytes("II+\0", 4), "TIFF"}},  // BigTIFF
    {ImageFormat::kTiff, {0, bytes("MM\0+", 4), "TIFF"}},
    {ImageFormat::kBmp, {0, "BM", "BMP"}},
};

// Files that are often given instead of a picture we read; naming them is half of the help.
constexpr Signature kForeign[] = {
    {0, "GIF8", "a GIF animation"},
    {0, "%PDF", "a PDF document"},
    {4, "ftypheic", "a HEIC photograph"},
    {4, "ftypheix", "a HEIC photograph"},
    {4, "ftypmif1", "a HEIF photograph"},
    {4, "ftypavif", "an AVIF picture"},
    {0, "8BPS", "a Photoshop file"},
    {4, "jP  ", "a JPEG 2000 picture"},
    {0, "\xFF\x4F\xFF\x51", "a JPEG 2000 picture"},
    {0, bytes("\x00\x00\x01\x00", 4), "a Windows icon"},
    {0, "<svg", "an SVG drawing"},
    {0, "<?xml", "an XML file"},
    {0, "<!DOCTYPE", "a web page"},
    {0, "<!doctype", "a web page"},
    {0, "<html", "a web page"},
    {0, "version https://git-lfs", "a Git LFS pointer (the picture itself was not downloaded)"},
    {0, "PK\x03\x04", "a zip archive"},
    {0, "\x1F\x8B", "a gzip archive"},
};

bool matches(Bytes file, const Signature& signature) {
  if (file.size() < signature.offset + signature.magic.size()) return false;
  const auto* start = reinterpret_cast<const char*>(file.data()) + signature.offset;
  return std::string_view(start, signature.magic.size()) == signature.magic;
}

ImageFormat sniff(Bytes file) {
  for (const auto& [format, signature] : kReadable)
    if (matches(file, signature)) return format;
  for (const Signature& signature : kForeign)
    if (matches(file, signature)) decoders::failUnsupported(fmt::format("this is {}", signature.kind));
  if (file.empty()) decoders::failUnsupported("the file is empty");
  std::string start;
  for (std::size_t i = 0; i < std::min<std::size_t>(8, file.size()); ++i)
    start += fmt::format("{}{:02x}", i ? " " : "", decoders::byteAt(file, i));
  decoders::failUnsupported(fmt::format("the content is no picture that is known (it begins with {})", start));
}

ImageInfo infoOf(ImageFormat format, Bytes file, int page) {
  switch (format) {
    case ImageFormat::kJpeg:
      return decoders::jpegInfo(file);
    case ImageFormat::kPng:
      return decoders::pngInfo(file);
    case ImageFormat::kWebp:
      return decoders::webpInfo(file);
    case ImageFormat::kTiff:
      return decoders::tiffInfo(file, page);
    case ImageFormat::kBmp:
      break;
  }
  return decoders::bmpInfo(file);
}

Image pixelsOf(Bytes file, const ImageInfo& info, int page) {
  switch (info.format) {
    case ImageFormat::kJpeg:
      return decoders::decodeJpeg(file, info);
    case ImageFormat::kPng:
      return decoders::decodePng(file, info);
    case ImageFormat::kWebp:
      return decoders::decodeWebp(file, info);
    case ImageFormat::kTiff:
      return decoders::decodeTiff(file, info, page);
    case ImageFormat::kBmp:
      break;
  }
  return decoders::decodeBmp(file, info);
}

void checkBudget(const ImageInfo& info, std::int64_t max_pixels) {
  const std::int64_t pixels = std::int64_t(info.height) * info.width;
  if (pixels <= max_pixels) return;
  throw Error({&codes::kImageTooLarge,
               fmt::format("the image has {}×{} = {:.1f} million pixels (height × width), the limit is {:.1f} million.",
                           info.height, info.width, double(pixels) / 1e6, double(max_pixels) / 1e6),
               "Make it smaller, or raise the limit with --max-pixels.",
               {{"height", std::int64_t(info.height)},
                {"width", std::int64_t(info.width)},
                {"pixels", pixels},
                {"max_pixels", max_pixels}},
               {}});
}

}  // namespace

std::string_view name(ImageFormat format) {
  for (const auto& [known, signature] : kReadable)
    if (known == format) return signature.kind;
  return "unknown";
}

std::optional<ImageFormat> formatOfName(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const auto& [known, format] : kImageEndings)
    if (ending == known) return format;
  return {};
}

bool hasImageName(const std::filesystem::path& path) {
  return formatOfName(path).has_value();
}

ImageInfo readImageInfo(std::span<const std::byte> file, int page) {
  const ImageFormat format = sniff(file);
  ImageInfo info = infoOf(format, file, page);
  info.format = format;
  if (info.height <= 0 || info.width <= 0)
    decoders::failCorrupt(format, fmt::format("the header says {}×{} pixels", info.height, info.width));
  return info;
}

Image decodeImage(std::span<const std::byte> file, const DecodeOptions& options) {
  const ImageInfo info = readImageInfo(file, options.page);
  checkBudget(info, options.max_pixels);
  return upright(pixelsOf(file, info, options.page), info.orientation);
}

Image readImage(const std::filesystem::path& path, const DecodeOptions& options) {
  const auto file = MappedFile::open(path);
  try {
    return decodeImage(file->bytes(), options);
  } catch (const Error& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems) {
      problem.message = fmt::format("{}: {}", path.string(), problem.message);
      problem.details.push_back({"path", path.string()});
    }
    throw Error(std::move(problems));
  }
}

namespace decoders {

void failCorrupt(ImageFormat format, const std::string& what, const std::string& cause) {
  throw Error({&codes::kImageCorrupt,
               fmt::format("the {} data is damaged: {}.", name(format), what),
               "Open it in a picture viewer to confirm, and fetch or save it again.",
               {{"format", std::string(name(format))}},
               cause});
}

void failTruncated(ImageFormat format, const std::string& what, const std::string& cause) {
  throw Error({&codes::kImageTruncated,
               fmt::format("the {} file ends too early: {}.", name(format), what),
               "The copy or download was probably interrupted; fetch it again.",
               {{"format", std::string(name(format))}},
               cause});
}

void failUnsupported(const std::string& what, const std::string& cause) {
  throw Error({&codes::kImageUnsupported,
               fmt::format("not an image that can be read: {}.", what),
               "Use JPEG, PNG, WebP, TIFF or BMP.",
               {},
               cause});
}

}  // namespace decoders
}  // namespace ocrdet
