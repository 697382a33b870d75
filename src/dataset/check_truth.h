// One file of ground truth under the loupe: its lines, its texts, its shapes against the image. Files may be long, so
// both checks throw run.interrupted; all else is a finding.
#pragma once

#include <string_view>
#include <vector>

#include "dataset/finding.h"
#include "dataset/text_encoding.h"
#include "dataset/truth.h"
#include "image/resize.h"

namespace ocrdet {

struct NumberedTruth {
  int line = 0;
  TruthLine truth;
};

struct CheckedLines {
  std::vector<NumberedTruth> truth;  // of the lines that can be read
  bool unreadable = false;           // some could not
  bool no_text = false;              // the file has no line at all
};

// Of a list or a file of ground truth: UTF-8 text, and findings about how it was stored.
DecodedText decodeAndCheck(std::string_view bytes, Findings& findings);

// Encoding, counts, numbers and texts. `bytes` is the whole file. Lines that are only badly separated are read all the
// same.
CheckedLines checkLines(std::string_view bytes, TruthForm form, Findings& findings);

// What tells whether coordinates slipped: readable texts, or all where there are none. An unreadable one may be what an
// edge has cut off.
std::vector<Polygon> tellingShapes(const std::vector<NumberedTruth>& truth);

// How shapes lie in their image. `upright` is its size as people see it, `stored` before the camera's orientation.
struct PictureFrame {
  PixelSize upright, stored;
};
void checkShapes(const std::vector<NumberedTruth>& truth, const PictureFrame& frame, TruthForm form,
                 Findings& findings);

}  // namespace ocrdet
