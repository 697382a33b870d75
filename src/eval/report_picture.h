// One picture of an evaluation as people look at it: what was found, missed and invented, drawn on a shrunk copy.
#pragma once

#include "eval/evaluation.h"
#include "image/draw.h"
#include "image/image.h"

namespace ocrdet {

// How one kind of shape is drawn; the report's legend is made from the same table.
struct ShapeKind {
  const char* name;  // as a CSS class
  const char* meaning;
  const char* label;  // begins the label of its shapes, which then ends in their number; empty: no label
  Colour colour;
  LineStyle style;
  double fill;
};

inline constexpr ShapeKind kMissedKind = {
    "missed", "missed: text that no box found", "m", {1.00, 0.32, 0.32}, LineStyle::kDashed, 0.18};
inline constexpr ShapeKind kFalseAlarmKind = {
    "false-alarm", "false alarm: a box without text", "f", {1.00, 0.76, 0.03}, LineStyle::kSolid, 0.12};
inline constexpr ShapeKind kRightKind = {
    "right", "right: a box that found its text", "", {0.16, 0.80, 0.45}, LineStyle::kSolid, 0};
inline constexpr ShapeKind kFoundKind = {"found", "the text that it found", "", {0.27, 0.62, 1.00}, LineStyle::kDotted,
                                         0};
inline constexpr ShapeKind kIgnoredKind = {
    "ignored", "don't care: unreadable text, and boxes on it", "", {0.78, 0.78, 0.78}, LineStyle::kDotted, 0};
inline constexpr const ShapeKind* kShapeKinds[] = {&kMissedKind, &kFalseAlarmKind, &kRightKind, &kFoundKind,
                                                   &kIgnoredKind};

inline constexpr int kReportPictureSide = 1280;  // longest; text of 12 px in a photograph of 4000 stays visible

// Misses are labelled m1, m2 … and false alarms f1, f2 … in the order of the truth and of the boxes.
Image reportPicture(const EvaluatedImage& evaluated, const Image& picture);

}  // namespace ocrdet
