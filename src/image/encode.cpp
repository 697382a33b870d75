#include "image/encode.h"

#include <png.h>
#include <turbojpeg.h>

#include <memory>
#include <new>

#include "ocrdet/error.h"

namespace ocrdet {
namespace {

[[noreturn]] void fail(const char* format, const std::string& cause) {
  throw Error({&codes::kInternalBug,
               std::string("the result could not be written as ") + format + ".",
               "Please report it together with the image.",
               {},
               cause});
}

}  // namespace

// libpng's own simplified writer: it catches libpng's long jumps itself.
std::string encodePng(const Image& image) {
  png_image description{};
  description.version = PNG_IMAGE_VERSION;
  description.width = png_uint_32(image.width);
  description.height = png_uint_32(image.height);
  description.format = PNG_FORMAT_BGR;
  description.flags = PNG_IMAGE_FLAG_FAST;  // larger by a tenth, several times faster
  std::string bytes(PNG_IMAGE_PNG_SIZE_MAX(description), '\0');
  png_alloc_size_t size = bytes.size();
  if (!png_image_write_to_memory(&description, bytes.data(), &size, 0, image.bgr.data(), 0, nullptr))
    fail("PNG", description.message);
  bytes.resize(size);
  return bytes;
}

std::string encodeJpeg(const Image& image, int quality) {
  const std::unique_ptr<void, decltype([](void* handle) { tjDestroy(handle); })> compressor(tjInitCompress());
  if (!compressor) throw std::bad_alloc();
  unsigned char* data = nullptr;
  unsigned long size = 0;
  const int failed = tjCompress2(compressor.get(), image.bgr.data(), image.width, 0, image.height, TJPF_BGR, &data,
                                 &size, TJSAMP_420, quality, 0);
  const std::unique_ptr<unsigned char, decltype([](unsigned char* p) { tjFree(p); })> owner(data);
  if (failed) fail("JPEG", tjGetErrorStr2(compressor.get()));
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace ocrdet
