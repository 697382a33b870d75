// JPEG by TurboJPEG with its defaults (accurate DCT, smooth chroma upsampling), which are OpenCV's too.
//
// A walk over the markers finds what TurboJPEG does not tell: the EXIF orientation and Adobe's note. TurboJPEG treats
// damage as a warning and fills the rest with grey; here damage is an error, since boxes on grey would be wrong
// silently.
#include <fmt/format.h>
#include <turbojpeg.h>

#include <memory>
#include <string_view>

#include "image/decoders.h"

namespace ocrdet::decoders {
namespace {

struct Markers {
  int height = 0, width = 0, precision = 8, components = 0;
  int orientation = 1;
  bool lossless = false;
  bool adobe = false;  // Adobe's programs store CMYK inverted, and say so with a marker
};

bool isFrameHeader(std::uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

void readFrameHeader(Bytes segment, std::uint8_t marker, Markers& found) {
  if (segment.size() < 6) failCorrupt(ImageFormat::kJpeg, "the frame header is too short");
  found.precision = byteAt(segment, 0);
  found.height = int(bigEndian16(segment, 1));
  found.width = int(bigEndian16(segment, 3));
  found.components = byteAt(segment, 5);
  found.lossless = marker == 0xC3 || (marker >= 0xC5 && marker <= 0xC7) || marker == 0xCB || marker >= 0xCD;
}

bool startsWith(Bytes segment, std::string_view text) {
  return segment.size() >= text.size() &&
         std::string_view(reinterpret_cast<const char*>(segment.data()), text.size()) == text;
}

// From the start of the file to the first scan.
Markers readMarkers(Bytes file) {
  constexpr std::uint8_t kStartOfScan = 0xDA, kEndOfImage = 0xD9, kApp1 = 0xE1, kApp14 = 0xEE;
  Markers found;
  std::size_t at = 2;
  while (true) {
    while (at < file.size() && byteAt(file, at) != 0xFF) ++at;  // stray bytes between segments are common and harmless
    while (at < file.size() && byteAt(file, at) == 0xFF) ++at;
    if (at >= file.size()) failTruncated(ImageFormat::kJpeg, fmt::format("no pixels within its {} bytes", file.size()));
    const std::uint8_t marker = byteAt(file, at++);
    if (marker == 0 || marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) continue;  // markers without a segment
    if (marker == kStartOfScan || marker == kEndOfImage) break;
    if (at + 2 > file.size()) continue;
    const std::size_t length = bigEndian16(file, at);
    if (length < 2) failCorrupt(ImageFormat::kJpeg, fmt::format("segment {:02x} has the length {}", marker, length));
    if (at + length > file.size())
      failTruncated(ImageFormat::kJpeg,
                    fmt::format("segment {:02x} wants {} bytes, {} are left", marker, length, file.size() - at));
    const Bytes segment = file.subspan(at + 2, length - 2);
    if (isFrameHeader(marker)) readFrameHeader(segment, marker, found);
    if (marker == kApp1 && startsWith(segment, {"Exif\0", 5})) found.orientation = exifOrientation(segment);
    if (marker == kApp14 && startsWith(segment, "Adobe")) found.adobe = true;
    at += length;
  }
  if (found.components == 0) failCorrupt(ImageFormat::kJpeg, "there is no frame header before the pixels");
  return found;
}

using Decompressor = std::unique_ptr<void, decltype([](void* handle) { tjDestroy(handle); })>;

// Warnings that change no pixel.
bool harmless(std::string_view warning) {
  return warning.find("extraneous bytes before marker") != warning.npos ||
         warning.find("Invalid SOS parameters") != warning.npos ||
         warning.find("Unknown Adobe color transform") != warning.npos;
}

[[noreturn]] void fail(const std::string& cause) {
  if (cause.find("Premature end") != cause.npos) failTruncated(ImageFormat::kJpeg, "some rows are missing", cause);
  if (cause.find("Unsupported") != cause.npos || cause.find("not supported") != cause.npos)
    failUnsupported("this kind of JPEG is not known", cause);
  failCorrupt(ImageFormat::kJpeg, "some pixels cannot be decoded", cause);
}

void decompress(Bytes file, std::uint8_t* pixels, const ImageInfo& info, TJPF format) {
  const Decompressor decompressor(tjInitDecompress());
  if (!decompressor) throw std::bad_alloc();
  const auto run = [&](int flags) {
    return tjDecompress2(decompressor.get(), reinterpret_cast<const unsigned char*>(file.data()), file.size(), pixels,
                         info.width, 0, info.height, format, flags | TJFLAG_LIMITSCANS);
  };
  if (run(TJFLAG_STOPONWARNING) == 0) return;
  const std::string cause = tjGetErrorStr2(decompressor.get());
  if (!harmless(cause)) fail(cause);
  if (run(0) == 0) return;
  const std::string last = tjGetErrorStr2(decompressor.get());
  if (!harmless(last)) fail(last);
}

// Inks to light: what paper reflects of a channel is what its ink leaves, darkened by the black. OpenCV's arithmetic.
std::uint8_t reflected(std::uint8_t ink_left, std::uint8_t black_left) {
  return std::uint8_t(black_left - ((255 - ink_left) * black_left >> 8));
}

Image fromCmyk(const std::vector<std::uint8_t>& cmyk, const ImageInfo& info, bool inverted) {
  const std::uint8_t flip = inverted ? 0 : 255;
  Image image = makeImage(info.height, info.width);
  for (std::size_t i = 0; i < cmyk.size() / 4; ++i) {
    const std::uint8_t black_left = cmyk[4 * i + 3] ^ flip;
    for (int c = 0; c < 3; ++c) image.bgr[3 * i + c] = reflected(cmyk[4 * i + 2 - c] ^ flip, black_left);
  }
  return image;
}

}  // namespace

ImageInfo jpegInfo(Bytes bytes) {
  const Markers markers = readMarkers(bytes);
  if (markers.lossless) failUnsupported("this is a lossless JPEG");
  if (markers.precision != 8) failUnsupported(fmt::format("this JPEG has {} bits a sample", markers.precision));
  if (markers.height == 0) failUnsupported("this JPEG leaves its height to the end of the file");
  return {ImageFormat::kJpeg, markers.height, markers.width, markers.orientation, 1};
}

Image decodeJpeg(Bytes bytes, const ImageInfo& info) {
  const Markers markers = readMarkers(bytes);
  if (markers.components == 4) {
    std::vector<std::uint8_t> cmyk(std::size_t(info.height) * info.width * 4);
    decompress(bytes, cmyk.data(), info, TJPF_CMYK);
    return fromCmyk(cmyk, info, markers.adobe);
  }
  Image image = makeImage(info.height, info.width);
  decompress(bytes, image.bgr.data(), info, TJPF_BGR);
  return image;
}

}  // namespace ocrdet::decoders
