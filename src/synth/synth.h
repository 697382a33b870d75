// Synthetic pictures with exact labels, as many as wanted.
//
//   const SynthImage made = synthesise({.level = synth::Level::kLine}, seed, index);
//
// Picture `index` depends on the options, the seed, the index, on the fonts and texts that are installed, and on the
// compiler that built this; not on how many threads ask, nor in which order. May be called from any number of threads.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/truth.h"
#include "image/image.h"
#include "image/resize.h"
#include "synth/page.h"

namespace ocrdet {

enum class SynthKind { kScene, kDocument, kReceipt, kTable, kScreenshot, kSeal, kVertical, kDotMatrix };
inline constexpr SynthKind kAllSynthKinds[] = {SynthKind::kScene,    SynthKind::kDocument,   SynthKind::kReceipt,
                                               SynthKind::kTable,    SynthKind::kScreenshot, SynthKind::kSeal,
                                               SynthKind::kVertical, SynthKind::kDotMatrix};
std::string_view name(SynthKind kind);  // "scene", "dot-matrix"
// Throws usage.option.
SynthKind parseSynthKind(std::string_view text);

struct SynthOptions {
  PixelSize size{640, 640};
  synth::Level level = synth::Level::kLine;
  std::vector<SynthKind> kinds;  // each as often as the others; empty: all, in a mixture of streets and papers
  double chinese = 0.5;          // share of pictures that are mainly Chinese; the others are English
  std::vector<std::filesystem::path> photographs;  // without text; backgrounds besides those that are made up
  bool wear = true;                                // light, blur, noise, compression
  bool built_in_text = false;                      // say only what is built in, whatever texts are installed
  bool keep_ink = false;                           // for tests: SynthImage::ink
};

struct SynthImage {
  SynthKind kind = SynthKind::kScene;
  Image image;
  std::vector<TruthLine> truth;  // quads, clockwise; ignored where nobody could read them
  cv::Mat ink;                   // CV_32S: 1 + index into truth where its ink is; empty unless kept
};

// Throws synth.no-fonts.
SynthImage synthesise(const SynthOptions& options, std::uint64_t seed, std::uint64_t index);

}  // namespace ocrdet
