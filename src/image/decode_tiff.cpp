// TIFF by libtiff's conversion to RGBA, which knows palettes, CMYK, YCbCr, tiles, planes and 16 bits. Orientation is
// left to our own code, as for the other formats. All pages can be read, one at a time.
#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstring>
#include <memory>

#include "image/decoders.h"

namespace ocrdet::decoders {
namespace {

// A file in memory, as libtiff's callbacks see it, and the first error that libtiff reported.
struct Source {
  Bytes file;
  std::uint64_t at = 0;
  std::string error;
};

Source& source(thandle_t handle) {
  return *static_cast<Source*>(handle);
}

tmsize_t readBytes(thandle_t handle, void* out, tmsize_t size) {
  Source& from = source(handle);
  if (size <= 0 || from.at >= from.file.size()) return 0;
  const auto count = std::min<std::uint64_t>(std::uint64_t(size), from.file.size() - from.at);
  std::memcpy(out, from.file.data() + from.at, count);
  from.at += count;
  return tmsize_t(count);
}

tmsize_t refuseToWrite(thandle_t, void*, tmsize_t) {
  return 0;
}

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  Source& from = source(handle);
  from.at = whence == SEEK_SET ? offset : whence == SEEK_CUR ? from.at + offset : from.file.size() + offset;
  return from.at;
}

int closeNothing(thandle_t) {
  return 0;
}
toff_t sizeOf(thandle_t handle) {
  return source(handle).file.size();
}

int keepError(TIFF*, void* user, const char* module, const char* format, va_list arguments) {
  auto& from = *static_cast<Source*>(user);
  if (from.error.empty()) {
    char text[256];
    std::vsnprintf(text, sizeof text, format, arguments);
    from.error = fmt::format("{}: {}", module ? module : "libtiff", text);
  }
  return 1;
}

int dropWarning(TIFF*, void*, const char*, const char*, va_list) {
  return 1;
}

using Handle = std::unique_ptr<TIFF, decltype([](TIFF* tiff) { TIFFClose(tiff); })>;
using Options = std::unique_ptr<TIFFOpenOptions, decltype([](TIFFOpenOptions* o) { TIFFOpenOptionsFree(o); })>;

// An unreadable place behind the end of the file is the usual sign of a file that was cut.
[[noreturn]] void fail(const Source& from, const std::string& what) {
  for (const char* sign : {"Read error", "read error", "Cannot handle zero", "end of file", "EOF", "Seek error",
                           "beyond end of file", "Can not read TIFF directory"})
    if (from.error.find(sign) != from.error.npos) failTruncated(ImageFormat::kTiff, what, from.error);
  failCorrupt(ImageFormat::kTiff, what, from.error);
}

Handle open(Source& from) {
  constexpr tmsize_t kLargestAllocation = tmsize_t(1) << 30;
  const Options options(TIFFOpenOptionsAlloc());
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kLargestAllocation);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keepError, &from);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), dropWarning, &from);
  // "m": the content is not mapped; "h" would stop at the header.
  Handle tiff(TIFFClientOpenExt("image", "rm", &from, readBytes, refuseToWrite, seek, closeNothing, sizeOf, nullptr,
                                nullptr, options.get()));
  if (!tiff) fail(from, "its first page cannot be found");
  return tiff;
}

void choosePage(TIFF* tiff, const Source& from, int page, int pages) {
  if (page < 0 || page >= pages)
    failUnsupported(fmt::format("page {} was asked for, the TIFF file has {}", page + 1, pages));
  if (!TIFFSetDirectory(tiff, tdir_t(page))) fail(from, fmt::format("page {} cannot be read", page));
}

std::uint32_t tagOr(TIFF* tiff, std::uint32_t tag, std::uint32_t fallback) {
  std::uint32_t value = 0;
  return TIFFGetField(tiff, tag, &value) ? value : fallback;
}

}  // namespace

ImageInfo tiffInfo(Bytes bytes, int page) {
  Source from{bytes, 0, {}};
  const Handle tiff = open(from);
  const int pages = int(TIFFNumberOfDirectories(tiff.get()));
  choosePage(tiff.get(), from, page, pages);
  const std::uint32_t height = tagOr(tiff.get(), TIFFTAG_IMAGELENGTH, 0),
                      width = tagOr(tiff.get(), TIFFTAG_IMAGEWIDTH, 0);
  constexpr std::uint32_t kLargestSide = 1'000'000;
  if (height > kLargestSide || width > kLargestSide)
    failCorrupt(ImageFormat::kTiff, fmt::format("the header says {}×{} pixels", height, width));
  std::uint16_t orientation = 1;
  if (!TIFFGetField(tiff.get(), TIFFTAG_ORIENTATION, &orientation)) orientation = 1;
  return {ImageFormat::kTiff, int(height), int(width), orientation, pages};
}

Image decodeTiff(Bytes bytes, const ImageInfo& info, int page) {
  Source from{bytes, 0, {}};
  const Handle tiff = open(from);
  choosePage(tiff.get(), from, page, info.pages);

  char reason[1024] = {};
  if (!TIFFRGBAImageOK(tiff.get(), reason)) failUnsupported("this kind of TIFF is not known", reason);
  TIFFRGBAImage conversion;
  constexpr int kStopOnError = 1;
  if (!TIFFRGBAImageBegin(&conversion, tiff.get(), kStopOnError, reason)) {
    from.error = from.error.empty() ? reason : from.error;
    fail(from, "its pixels cannot be decoded");
  }
  conversion.orientation = conversion.req_orientation = ORIENTATION_TOPLEFT;
  std::vector<std::uint32_t> rgba(std::size_t(info.height) * info.width);
  const bool done = TIFFRGBAImageGet(&conversion, rgba.data(), std::uint32_t(info.width), std::uint32_t(info.height));
  TIFFRGBAImageEnd(&conversion);
  if (!done) fail(from, "its pixels cannot be decoded");

  // libtiff hands out samples already multiplied by their alpha; white shows through the rest.
  Image image = makeImage(info.height, info.width);
  for (std::size_t i = 0; i < rgba.size(); ++i) {
    const std::uint32_t white = 255 - TIFFGetA(rgba[i]);
    image.bgr[3 * i] = std::uint8_t(std::min(255u, TIFFGetB(rgba[i]) + white));
    image.bgr[3 * i + 1] = std::uint8_t(std::min(255u, TIFFGetG(rgba[i]) + white));
    image.bgr[3 * i + 2] = std::uint8_t(std::min(255u, TIFFGetR(rgba[i]) + white));
  }
  return image;
}

}  // namespace ocrdet::decoders
