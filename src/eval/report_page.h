// The report's page, in pieces: its top, a card for each picture, its bottom. Everything that comes from outside (file
// names, transcriptions, messages) is escaped.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "eval/evaluation.h"
#include "eval/report.h"

namespace ocrdet {

// By hmean, then by the number of errors, then in the order of the set.
std::vector<const EvaluatedImage*> worstFirst(std::span<const EvaluatedImage> images);

// Relative to the page: "pictures/00012.jpg". Not the image's own name, which may be anything.
std::string reportPictureName(const EvaluatedImage& image);

std::string reportTop(const Evaluation& evaluation, const ReportHeading& heading);
std::string reportCard(const EvaluatedImage& image);
std::string reportBottom();

// As the text of an element or the value of a quoted attribute: valid UTF-8 without control characters.
std::string escapedHtml(const std::string& text);

}  // namespace ocrdet
