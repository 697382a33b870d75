// PNG by libpng: every colour type becomes 8-bit BGR or BGRA, the latter composited on white.
//
// libpng reports errors by longjmp, which skips destructors; so the functions between setjmp and libpng own nothing:
// all memory belongs to the Reader, whose destructor runs in the caller.
#include <fmt/format.h>
#include <png.h>

#include <csetjmp>
#include <cstring>
#include <string>

#include "image/decoders.h"

namespace ocrdet::decoders {
namespace {

class Reader {
 public:
  explicit Reader(Bytes file) : file_(file) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, onError, onWarning);
    if (png_) info_ = png_create_info_struct(png_);
    if (!info_) throw std::bad_alloc();
    png_set_read_fn(png_, this, onRead);
    constexpr png_uint_32 kLargestSide = 1'000'000;
    constexpr png_alloc_size_t kLargestChunk = 16
                                               << 20;  // a colour profile or a text that unpacks to more is an attack
    png_set_user_limits(png_, kLargestSide, kLargestSide);
    png_set_chunk_malloc_max(png_, kLargestChunk);
  }
  ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  void readHeader() {
    if (!tryReadHeader()) fail();
  }

  int height() const { return int(png_get_image_height(png_, info_)); }
  int width() const { return int(png_get_image_width(png_, info_)); }

  // After readHeader(). Chunks behind the pixels do not count: readers differ there, and few write orientation at all.
  int orientation() {
    png_uint_32 size = 0;
    png_bytep exif = nullptr;
    if (png_get_eXIf_1(png_, info_, &size, &exif) == 0 || !exif) return 1;
    return exifOrientation({reinterpret_cast<const std::byte*>(exif), size});
  }

  // Interleaved rows of 3 or 4 channels.
  std::vector<std::uint8_t> readPixels(int& channels) {
    if (!tryPrepare()) fail();
    channels = png_get_channels(png_, info_);
    const std::size_t stride = std::size_t(width()) * channels;
    std::vector<std::uint8_t> pixels(stride * height());
    std::vector<png_bytep> rows(height());
    for (std::size_t y = 0; y < rows.size(); ++y) rows[y] = pixels.data() + y * stride;
    if (!tryReadRows(rows.data())) fail();
    return pixels;
  }

 private:
  static void onError(png_structp png, png_const_charp message) {
    auto* self = static_cast<Reader*>(png_get_error_ptr(png));
    std::strncpy(self->message_, message, sizeof self->message_ - 1);
    longjmp(self->jump_, 1);
  }
  static void onWarning(png_structp, png_const_charp) {}
  static void onRead(png_structp png, png_bytep out, png_size_t size) {
    auto* self = static_cast<Reader*>(png_get_io_ptr(png));
    if (size > self->file_.size() - self->at_) {
      self->ran_out_ = true;
      png_error(png, "the file has ended");
    }
    std::memcpy(out, self->file_.data() + self->at_, size);
    self->at_ += size;
  }

  bool tryReadHeader() {
    if (setjmp(jump_)) return false;
    png_read_info(png_, info_);
    return true;
  }

  bool tryPrepare() {
    if (setjmp(jump_)) return false;
    png_set_expand(png_);  // palettes, 1, 2 and 4 bits, transparent colours
    png_set_scale_16(png_);
    png_set_gray_to_rgb(png_);
    png_set_bgr(png_);
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }

  bool tryReadRows(png_bytepp rows) {
    if (setjmp(jump_)) return false;
    png_read_image(png_, rows);
    return true;
  }

  [[noreturn]] void fail() const {
    if (ran_out_)
      failTruncated(ImageFormat::kPng, fmt::format("its {} bytes do not hold all pixels", file_.size()), message_);
    failCorrupt(ImageFormat::kPng, "it cannot be decoded", message_);
  }

  Bytes file_;
  std::size_t at_ = 0;
  bool ran_out_ = false;
  char message_[128] = {};
  std::jmp_buf jump_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

}  // namespace

ImageInfo pngInfo(Bytes bytes) {
  Reader reader(bytes);
  reader.readHeader();
  return {ImageFormat::kPng, reader.height(), reader.width(), reader.orientation(), 1};
}

Image decodePng(Bytes bytes, const ImageInfo& info) {
  Reader reader(bytes);
  reader.readHeader();
  int channels = 0;
  std::vector<std::uint8_t> pixels = reader.readPixels(channels);
  if (channels == 3) return {info.height, info.width, std::move(pixels)};

  Image image = makeImage(info.height, info.width);
  for (std::size_t i = 0; i < pixels.size() / 4; ++i)
    for (int c = 0; c < 3; ++c) image.bgr[3 * i + c] = onWhite(pixels[4 * i + c], pixels[4 * i + 3]);
  return image;
}

}  // namespace ocrdet::decoders
