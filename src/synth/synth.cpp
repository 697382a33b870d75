#include "synth/synth.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "ocrdet/error.h"
#include "synth/draft.h"
#include "synth/wear.h"

namespace ocrdet {
namespace {

using synth::Canvas;
using synth::Draft;
using synth::Wear;

// How each kind is drawn, what wears it, and its share in the mixture.
struct Recipe {
  SynthKind kind;
  std::string_view name;
  Canvas (*draw)(Draft&);
  Wear (*wear)(Random&);
  double share;
};
constexpr Recipe kRecipes[] = {
    {SynthKind::kScene, "scene", synth::drawScene, synth::wearOfCamera, 30},
    {SynthKind::kDocument, "document", synth::drawDocument, synth::wearOfScanner, 18},
    {SynthKind::kReceipt, "receipt", synth::drawReceipt, synth::wearOfCamera, 10},
    {SynthKind::kTable, "table", synth::drawTable, synth::wearOfScanner, 10},
    {SynthKind::kScreenshot, "screenshot", synth::drawScreenshot, synth::wearOfScreen, 12},
    {SynthKind::kSeal, "seal", synth::drawSeal, synth::wearOfScanner, 6},
    {SynthKind::kVertical, "vertical", synth::drawVertical, synth::wearOfCamera, 8},
    {SynthKind::kDotMatrix, "dot-matrix", synth::drawDotMatrix, synth::wearOfCamera, 6},
};

const Recipe& recipeOf(SynthKind kind) {
  for (const Recipe& recipe : kRecipes)
    if (recipe.kind == kind) return recipe;
  return kRecipes[0];
}

const Recipe& pickRecipe(const SynthOptions& options, Random& random) {
  if (!options.kinds.empty()) return recipeOf(random.pick(options.kinds));
  std::array<double, std::size(kRecipes)> shares;
  for (std::size_t i = 0; i < shares.size(); ++i) shares[i] = kRecipes[i].share;
  return kRecipes[random.weighted(shares)];
}

}  // namespace

std::string_view name(SynthKind kind) {
  return recipeOf(kind).name;
}

SynthKind parseSynthKind(std::string_view text) {
  std::string known;
  for (const Recipe& recipe : kRecipes) {
    if (recipe.name == text) return recipe.kind;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", recipe.name);
  }
  throw Error({&codes::kUsageOption,
               fmt::format("\"{}\" is no kind of picture.", text),
               fmt::format("Use some of: {}.", known),
               {{"given", std::string(text)}},
               {}});
}

SynthImage synthesise(const SynthOptions& options, std::uint64_t seed, std::uint64_t index) {
  Draft draft{Random::stream(seed, index),
              options.built_in_text ? synth::Corpus::builtIn() : synth::Corpus::installed(),
              synth::Fonts::installed(),
              options.photographs,
              options.size,
              options.level,
              options.keep_ink};
  draft.chinese = draft.fonts.hasChinese() && draft.random.chance(options.chinese);
  const Recipe& recipe = pickRecipe(options, draft.random);
  Canvas canvas = recipe.draw(draft);
  if (options.wear) synth::apply(recipe.wear(draft.random), canvas.image, canvas.truth, draft.random);
  return {recipe.kind, std::move(canvas.image), std::move(canvas.truth), canvas.ink};
}

}  // namespace ocrdet
