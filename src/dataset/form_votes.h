// What the lines of a set say about its form: no single line does.
#pragma once

#include <string_view>

#include "dataset/truth.h"

namespace ocrdet {

// How many numbers stand before the text if the line is one of a polygon. Where all fields are numbers, two a corner
// leave the last one over as the text, or none.
std::size_t polygonNumbers(std::string_view line);

class FormVotes {
 public:
  void add(std::string_view line);  // that is not blank
  int lines() const { return lines_; }
  // `called_td`: the path says that the set may be MSRA-TD500 as MhLiao converts it.
  TruthForm form(bool called_td) const;

 private:
  int lines_ = 0;
  int many_corners_ = 0;  // more than four
  int labels_ = 0;        // quads whose text is 0 or 1
  int scripts_ = 0;       // quads whose text begins with the name of a script
};

}  // namespace ocrdet
