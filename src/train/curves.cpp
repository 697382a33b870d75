#include "train/curves.h"

#include <cairo.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>

#include "train/run_folder.h"

namespace ocrdet {
namespace {

constexpr int kWidth = 960, kPanelHeight = 260;
constexpr double kLeft = 64, kRight = 24, kTop = 34, kBottom = 34;

struct LineColour {
  double red, green, blue;
};
// Told apart by people who do not see red and green, too (Okabe and Ito).
constexpr LineColour kBlue{0, 0.45, 0.70}, kOrange{0.90, 0.62, 0}, kGreen{0, 0.62, 0.45}, kVermilion{0.84, 0.37, 0},
    kPurple{0.80, 0.47, 0.65}, kInk{0.2, 0.2, 0.2}, kGrid{0.88, 0.88, 0.88};

struct Curve {
  std::string name;
  LineColour colour;
  std::vector<std::pair<double, double>> points;
  bool dots = false;
};

struct Panel {
  std::string title;
  double lowest = 0, highest = 1;
  double first = 0, last = 1;  // of the horizontal axis
  std::string axis;
  std::vector<Curve> curves;
};

// 1, 2 or 5 times a power of ten: about five marks over the range.
double markDistance(double range) {
  const double rough = std::max(range, 1e-9) / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (rough <= factor * power) return factor * power;
  return 10 * power;
}

std::vector<double> marks(double lowest, double highest) {
  const double distance = markDistance(highest - lowest);
  std::vector<double> places;
  for (int i = int(std::ceil(lowest / distance)); i * distance <= highest + 1e-9; ++i) places.push_back(i * distance);
  return places;
}

void setColour(cairo_t* cairo, const LineColour& colour) {
  cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue);
}

void drawText(cairo_t* cairo, double x, double y, const std::string& text, double align) {
  cairo_text_extents_t extents;
  cairo_text_extents(cairo, text.c_str(), &extents);
  cairo_move_to(cairo, x - extents.x_advance * align, y);
  cairo_show_text(cairo, text.c_str());
}

void drawPanel(cairo_t* cairo, double offset, const Panel& panel) {
  const double width = kWidth - kLeft - kRight, height = kPanelHeight - kTop - kBottom;
  const auto x = [&](double value) { return kLeft + (value - panel.first) / (panel.last - panel.first) * width; };
  const auto y = [&](double value) {
    const double share = (value - panel.lowest) / (panel.highest - panel.lowest);
    return offset + kTop + (1 - std::clamp(share, 0.0, 1.0)) * height;
  };
  cairo_set_line_width(cairo, 1);
  for (const double mark : marks(panel.lowest, panel.highest)) {
    setColour(cairo, kGrid);
    cairo_move_to(cairo, kLeft, y(mark));
    cairo_line_to(cairo, kLeft + width, y(mark));
    cairo_stroke(cairo);
    setColour(cairo, kInk);
    drawText(cairo, kLeft - 8, y(mark) + 4, fmt::format("{:g}", std::round(mark * 1e6) / 1e6), 1);
  }
  for (const double mark : marks(panel.first, panel.last))
    drawText(cairo, x(mark), offset + kPanelHeight - kBottom + 16, fmt::format("{:g}", mark), 0.5);
  drawText(cairo, kLeft + width, offset + kPanelHeight - 4, panel.axis, 1);
  drawText(cairo, kLeft, offset + 20, panel.title, 0);

  double legend = kLeft + width;
  cairo_set_line_width(cairo, 1.6);
  for (const Curve& curve : panel.curves) {
    if (curve.points.empty()) continue;
    setColour(cairo, curve.colour);
    cairo_new_path(cairo);  // text leaves a point behind
    for (const auto& [at, value] : curve.points) cairo_line_to(cairo, x(at), y(value));
    cairo_stroke(cairo);
    for (const auto& [at, value] : curve.points) {
      if (!curve.dots) break;
      cairo_arc(cairo, x(at), y(value), 3, 0, 7);
      cairo_fill(cairo);
    }
    const std::string text = fmt::format("{} {:.3g}", curve.name, curve.points.back().second);
    drawText(cairo, legend, offset + 20, text, 1);
    cairo_text_extents_t extents;
    cairo_text_extents(cairo, text.c_str(), &extents);
    legend -= extents.x_advance + 18;
  }
}

// Means of neighbours, so that thousands of steps stay readable.
std::vector<std::pair<double, double>> smoothed(const std::vector<StepRecord>& steps, double StepRecord::*value) {
  constexpr std::size_t kPoints = 240;
  const std::size_t bin = std::max<std::size_t>(1, steps.size() / kPoints);
  std::vector<std::pair<double, double>> points;
  for (std::size_t begin = 0; begin < steps.size(); begin += bin) {
    const std::size_t end = std::min(steps.size(), begin + bin);
    double at = 0, sum = 0;
    for (std::size_t i = begin; i < end; ++i) at += steps[i].epoch, sum += steps[i].*value;
    points.emplace_back(at / double(end - begin), sum / double(end - begin));
  }
  return points;
}

double largestOf(const std::vector<Curve>& curves) {
  double largest = 0;
  for (const Curve& curve : curves)
    for (const auto& [at, value] : curve.points) largest = std::max(largest, value);
  return largest;
}

Panel lossPanel(const std::vector<StepRecord>& steps, const LossWeights& weights, double last) {
  Panel panel{"losses, as they are weighted", 0, 1, 0, last, "epoch", {}};
  const auto weighted = [&](const char* name, LineColour colour, double StepRecord::*value, double weight) {
    Curve curve{weight == 1 ? name : fmt::format("{:g} · {}", weight, name), colour, smoothed(steps, value)};
    for (auto& point : curve.points) point.second *= weight;
    if (largestOf({curve}) > 0) panel.curves.push_back(std::move(curve));
  };
  weighted("total", kInk, &StepRecord::loss, 1);
  weighted("text", kBlue, &StepRecord::text, weights.text);
  weighted("border", kOrange, &StepRecord::border, weights.border);
  weighted("dice", kGreen, &StepRecord::dice, weights.dice);
  weighted("teacher", kPurple, &StepRecord::teacher, weights.teacher);
  panel.highest = std::max(0.1, largestOf(panel.curves) * 1.05);
  return panel;
}

Panel validationPanel(const std::vector<EpochRecord>& epochs, double last) {
  Panel panel{"validation", 0, 1, 0, last, "epoch", {}};
  const auto measured = [&](const char* name, LineColour colour, double EpochRecord::*value) {
    Curve curve{name, colour, {}, true};
    for (const EpochRecord& record : epochs)
      if (record.*value >= 0) curve.points.emplace_back(record.epoch, record.*value);
    panel.curves.push_back(std::move(curve));
  };
  measured("recall", kOrange, &EpochRecord::recall);
  measured("precision", kGreen, &EpochRecord::precision);
  measured("hmean", kVermilion, &EpochRecord::hmean);
  return panel;
}

Panel ratePanel(const std::vector<StepRecord>& steps, double last) {
  Panel panel{"learning rate", 0, 1, 0, last, "epoch", {{"rate", kBlue, smoothed(steps, &StepRecord::rate)}}};
  panel.highest = std::max(1e-9, largestOf(panel.curves) * 1.05);
  return panel;
}

}  // namespace

Image drawCurves(const std::vector<StepRecord>& steps, const std::vector<EpochRecord>& epochs,
                 const LossWeights& weights) {
  double last = 1;
  if (!steps.empty()) last = std::max(last, steps.back().epoch);
  if (!epochs.empty()) last = std::max(last, double(epochs.back().epoch));
  const Panel panels[] = {lossPanel(steps, weights, last), validationPanel(epochs, last), ratePanel(steps, last)};
  const int height = kPanelHeight * int(std::size(panels));

  const std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, kWidth, height), &cairo_surface_destroy);
  const std::unique_ptr<cairo_t, decltype(&cairo_destroy)> cairo(cairo_create(surface.get()), &cairo_destroy);
  cairo_set_source_rgb(cairo.get(), 1, 1, 1);
  cairo_paint(cairo.get());
  cairo_select_font_face(cairo.get(), "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(cairo.get(), 12);
  for (std::size_t i = 0; i < std::size(panels); ++i)
    drawPanel(cairo.get(), double(kPanelHeight) * double(i), panels[i]);

  cairo_surface_flush(surface.get());
  Image image = makeImage(height, kWidth);
  const unsigned char* pixels = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < kWidth; ++x)
      std::copy_n(pixels + std::ptrdiff_t(y) * stride + 4 * std::ptrdiff_t(x), 3, image.row(y) + 3 * std::ptrdiff_t(x));
  return image;
}

}  // namespace ocrdet
