// Text for machines that carry none: enough that every kind of picture can be drawn.
#pragma once

#include <span>
#include <string_view>

namespace ocrdet::synth {

std::span<const std::string_view> englishSentences();
std::span<const std::string_view> chineseSentences();
std::span<const std::string_view> chineseWords();

}  // namespace ocrdet::synth
