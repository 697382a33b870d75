// Ground truth: lines of text files to shapes, in every form that the tools of this field write.
//
//   quads          x1,y1,x2,y2,x3,y3,x4,y4,text           ICDAR 2015 and most sets
//   difficulty     x1,y1,x2,y2,x3,y3,x4,y4,label          MSRA-TD500 as MhLiao converts it; label 1: too difficult
//   scripts        x1,y1,x2,y2,x3,y3,x4,y4,script,text    ICDAR MLT 2017 and 2019; the script is read and dropped
//   polygons       x1,y1,…,xn,yn,text                     Total-Text and its kind: any number of corners
//   rotated boxes  index difficulty x y w h angle         MSRA-TD500 as published: the box before it is turned about
//                                                         its centre by `angle` (radians, clockwise on the screen)
//
// No line says which form it has, so a whole set is looked at (layout.h), and the form is handed in.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ocrdet/geometry.h"

namespace ocrdet {

enum class TruthForm { kQuads, kDifficulty, kScripts, kPolygons, kRotatedBoxes };
std::string_view name(TruthForm form);  // "quads"

struct TruthLine {
  Polygon points;
  std::string text;
  bool ignored = false;  // the text is ### or *, or the box is marked as too difficult
};

// A number that can be a coordinate: none of a picture lies beyond ten million, and larger ones would overflow the
// arithmetic behind.
std::optional<double> coordinate(std::string_view field);

// Of a polygon. Outlines that annotators draw have a few dozen; work grows with the square.
inline constexpr std::size_t kMostCorners = 1000;

// Of quads, everything behind the eighth comma is the text, quotes around it are undone. Of polygons, the numbers
// before the last field are the corners, and what follows them is the text. A byte order mark and white space around
// the line do not count. Throws dataset.line-unreadable.
TruthLine parseTruthLine(std::string_view line, TruthForm form = TruthForm::kQuads);

// All lines of a file that are not blank. Errors name the file and the line. Throws file.missing, too.
std::vector<TruthLine> readTruthFile(const std::filesystem::path& path, TruthForm form = TruthForm::kQuads);

// The reverse for quads and polygons: coordinates with at most two decimals, `###` for what is ignored. In quotes where
// the text would otherwise be read as another one.
std::string truthText(const TruthLine& line);

}  // namespace ocrdet
