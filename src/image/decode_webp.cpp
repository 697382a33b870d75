// WebP by libwebp; of an animation the first frame, placed on its canvas.
#include <fmt/format.h>
#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>

#include "image/decoders.h"

namespace ocrdet::decoders {
namespace {

using Demuxer = std::unique_ptr<WebPDemuxer, decltype([](WebPDemuxer* demuxer) { WebPDemuxDelete(demuxer); })>;

const std::uint8_t* raw(Bytes bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

// The RIFF header says how long the file is; libwebp itself calls a short file damaged.
void checkLength(Bytes file) {
  constexpr std::size_t kRiffHeader = 8;
  if (file.size() < kRiffHeader + 12) failTruncated(ImageFormat::kWebp, fmt::format("it has {} bytes", file.size()));
  const std::size_t expected = kRiffHeader + littleEndian32(file, 4);
  if (file.size() < expected)
    failTruncated(ImageFormat::kWebp, fmt::format("it has {} of {} bytes", file.size(), expected));
}

Demuxer open(Bytes file) {
  checkLength(file);
  const WebPData data{raw(file), file.size()};
  Demuxer demuxer(WebPDemux(&data));
  if (!demuxer) failCorrupt(ImageFormat::kWebp, "its chunks do not fit together");
  return demuxer;
}

int orientationOf(const WebPDemuxer* demuxer) {
  WebPChunkIterator chunk;
  int orientation = 1;
  if (WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk))
    orientation = exifOrientation({reinterpret_cast<const std::byte*>(chunk.chunk.bytes), chunk.chunk.size});
  WebPDemuxReleaseChunkIterator(&chunk);
  return orientation;
}

struct Frame {
  WebPIterator iterator{};
  ~Frame() { WebPDemuxReleaseIterator(&iterator); }
};

}  // namespace

ImageInfo webpInfo(Bytes bytes) {
  const Demuxer demuxer = open(bytes);
  return {ImageFormat::kWebp, int(WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT)),
          int(WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH)), orientationOf(demuxer.get()), 1};
}

Image decodeWebp(Bytes bytes, const ImageInfo& info) {
  const Demuxer demuxer = open(bytes);
  Frame frame;
  if (!WebPDemuxGetFrame(demuxer.get(), 1, &frame.iterator)) failCorrupt(ImageFormat::kWebp, "it holds no frame");
  const WebPIterator& first = frame.iterator;
  if (first.x_offset < 0 || first.y_offset < 0 || first.width <= 0 || first.height <= 0 ||
      first.x_offset + first.width > info.width || first.y_offset + first.height > info.height)
    failCorrupt(ImageFormat::kWebp, "a frame lies outside its canvas");

  // The bitstream's own size may contradict the frame's; libwebp writes nothing past the buffer and reports that.
  const int stride = first.width * 4;
  std::vector<std::uint8_t> bgra(std::size_t(stride) * first.height);
  if (!WebPDecodeBGRAInto(first.fragment.bytes, first.fragment.size, bgra.data(), bgra.size(), stride))
    failCorrupt(ImageFormat::kWebp, "its pixels cannot be decoded");

  Image image = makeImage(info.height, info.width);
  std::fill(image.bgr.begin(), image.bgr.end(), std::uint8_t(255));
  for (int y = 0; y < first.height; ++y) {
    std::uint8_t* to = image.row(first.y_offset + y) + 3 * std::size_t(first.x_offset);
    const std::uint8_t* from = bgra.data() + std::size_t(y) * stride;
    for (int x = 0; x < first.width; ++x, to += 3, from += 4)
      for (int c = 0; c < 3; ++c) to[c] = onWhite(from[c], from[3]);
  }
  return image;
}

}  // namespace ocrdet::decoders
