// The picture that sheets are put into: where each lies in space, and what becomes of its labels.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "dataset/truth.h"
#include "image/image.h"
#include "synth/page.h"

namespace ocrdet::synth {

// From a sheet to the picture: first the sheet is bent (every column moves up or down by a wave), then seen in
// perspective.
struct View {
  cv::Matx33d perspective = cv::Matx33d::eye();
  double bend = 0;         // amplitude in pixels of the sheet
  double bend_length = 1;  // of a whole wave
  double bend_phase = 0;

  Point toPicture(Point on_page) const;
  double shiftOf(double x) const;  // of the column `x`

  // The sheet's corners to four points of the picture, clockwise from its upper left.
  static View onto(PixelSize page, const std::array<Point, 4>& corners);
};

class Canvas {
 public:
  Canvas(PixelSize size, bool keep_ink);

  Image image;  // to be painted on directly where no text is
  std::vector<TruthLine> truth;
  cv::Mat ink;  // CV_32S: number of the label + 1; empty unless kept

  // Lays the sheet into the picture. Labels follow it; those that lie by more than three tenths outside the picture, or
  // are too small to be read, are ignored; those that are wholly outside disappear. `opacity` weakens the whole sheet.
  void put(const Page& page, const View& view, double opacity = 1);

 private:
  void addLabel(const PageLabel& label, const View& view);
};

}  // namespace ocrdet::synth
