#include "explain/explain.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>

#include "explain/messages.h"
#include "explain/symptoms.h"

namespace ocrdet {

extern const std::span<const std::byte> kErrorPage;  // docs/errors.md

namespace {

constexpr std::size_t kMostCauses = 3;
constexpr std::size_t kMostNearest = 3;

struct CompiledRow {
  const MessageRow* row;
  Pattern pattern;
};

const std::vector<CompiledRow>& compiledRows() {
  static const std::vector<CompiledRow> kRows = [] {
    std::vector<CompiledRow> rows;
    for (const MessageRow& row : messageRows()) rows.push_back({&row, Pattern(row.pattern)});
    return rows;
  }();
  return kRows;
}

// "RuntimeError:", "E   onnxruntime…: [ONNXRuntimeError] : 2 : INVALID_ARGUMENT :", "报错:", or nothing.
bool isErrorPrefix(std::string prefix) {
  prefix.erase(0, prefix.find_first_not_of(" \t>\xE2\x80\xA6"));
  while (!prefix.empty() && (prefix.back() == ' ' || prefix.back() == '\t')) prefix.pop_back();
  if (prefix.empty()) return true;
  for (const char* word : {"onnxruntime", "ONNXRuntime", "报错", "错误"}) {
    if (prefix.find(word) != std::string::npos) return true;
  }
  if (prefix.back() != ':') return false;
  const std::size_t word = prefix.find_last_of(" \t");
  const std::string last = word == std::string::npos ? prefix : prefix.substr(word + 1);
  const bool alone = word == std::string::npos || prefix.find_first_not_of("E \t") == word + 1;
  return alone && (last.find("rror") != std::string::npos || last.find("xception") != std::string::npos ||
                   last.find("InvalidArgument") != std::string::npos);
}

// Whether the match is the whole message of its line, but for a prefix and a few further words.
bool isWholeLine(const CanonicalText& text, const PatternMatch& match) {
  const std::string& original = text.original;
  const std::string_view words = text.originalWords(match.whole.begin, match.whole.end);
  const auto begin = static_cast<std::size_t>(words.data() - original.data());
  const std::size_t line = original.rfind('\n', begin) == std::string::npos ? 0 : original.rfind('\n', begin) + 1;
  const std::size_t end = std::min(original.find('\n', begin + words.size()), original.size());
  return isErrorPrefix(original.substr(line, begin - line)) && end - (begin + words.size()) <= words.size() / 2;
}

struct Hit {
  const CompiledRow* compiled;
  PatternMatch match;
};

std::vector<Hit> findMessages(const CanonicalText& text) {
  std::vector<Hit> hits;
  for (const CompiledRow& compiled : compiledRows()) {
    PatternMatch match;
    const MessageRow& row = *compiled.row;
    // A pattern may occur several times with different numbers; a few are enough.
    std::size_t from = 0;
    for (int attempt = 0; attempt < 8 && compiled.pattern.find(text.text, from, match); ++attempt) {
      from = match.whole.begin + 1;
      if (row.applies && !row.applies(Found{text, match})) continue;
      if (row.whole_line && !isWholeLine(text, match)) continue;
      hits.push_back({&compiled, match});
      break;
    }
  }
  std::stable_sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
    return a.compiled->pattern.literalLength() > b.compiled->pattern.literalLength();
  });
  return hits;
}

void addCause(Explanation& explanation, std::string_view id) {
  const Cause* cause = findCause(id);
  const auto& known = explanation.causes;
  if (cause == nullptr || known.size() == kMostCauses || std::count(known.begin(), known.end(), cause) > 0) return;
  explanation.causes.push_back(cause);
}

void addMessages(Explanation& explanation, const CanonicalText& text) {
  const std::vector<Hit> hits = findMessages(text);
  if (hits.empty()) return;
  const Hit& best = hits.front();
  explanation.recognised = text.originalWords(best.match.whole.begin, best.match.whole.end);
  if (best.compiled->row->numbers) explanation.numbers = best.compiled->row->numbers(Found{text, best.match});
  addCause(explanation, best.compiled->row->cause);
  addCause(explanation, best.compiled->row->also);
  for (const Hit& hit : hits) {
    // Another message of the text counts; a shorter reading of the same words does not.
    const bool same_pattern = std::string_view(hit.compiled->row->pattern) == best.compiled->row->pattern;
    const bool apart = hit.match.whole.begin >= best.match.whole.end || hit.match.whole.end <= best.match.whole.begin;
    if (same_pattern || apart) addCause(explanation, hit.compiled->row->cause);
  }
}

// Errors of ocrdet whose cause has another name.
struct Alias {
  std::string_view code, cause;
};
constexpr Alias kAliases[] = {{"size.not-multiple-of-32", "input.size-not-multiple-of-32"},
                              {"input.size-not-multiple", "input.size-not-multiple-of-32"},
                              {"input.layout", "input.layout-nhwc"},
                              {"memory.exceeds-available", "memory.exhausted"},
                              {"memory.exceeds-limit", "memory.exhausted"}};

// The paragraph under "### `code`", its line breaks taken out.
std::string paragraphOf(const ErrorCode& code) {
  const std::string_view page(reinterpret_cast<const char*>(kErrorPage.data()), kErrorPage.size());
  const std::string heading = "### `" + std::string(code.name) + "`\n";
  const std::size_t found = page.find(heading);
  if (found == std::string_view::npos) return "";
  const std::string_view rest = page.substr(found + heading.size());
  std::string paragraph(rest.substr(0, rest.find("\n\n")));
  while (paragraph.ends_with('\n')) paragraph.pop_back();
  std::replace(paragraph.begin(), paragraph.end(), '\n', ' ');
  return paragraph;
}

bool isCodeCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

// The first word of the text that is an error code or the name of a cause.
void addCode(Explanation& explanation, const CanonicalText& canonical) {
  const std::string_view text = canonical.text;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && isCodeCharacter(text[end])) ++end;
    std::string_view word = text.substr(at, end - at);
    while (word.ends_with('.')) word.remove_suffix(1);
    at = end + 1;
    if (word.find('.') == std::string_view::npos) continue;
    for (const ErrorCode* code : kAllErrorCodes) {
      if (word == code->name) explanation.code = code;
    }
    addCause(explanation, word);
    for (const Alias& alias : kAliases) {
      if (word == alias.code) addCause(explanation, alias.cause);
    }
    if (!explanation.known()) continue;
    explanation.recognised = word;
    if (explanation.code != nullptr) explanation.code_paragraph = paragraphOf(*explanation.code);
    return;
  }
}

// How often each three neighbouring characters occur, sorted: texts with the same words have similar counts.
struct Profile {
  std::vector<std::pair<std::uint32_t, double>> counts;
  double length = 0;  // of the counts as a vector
};

Profile profileOf(std::string_view text) {
  std::vector<std::uint32_t> keys;
  for (std::size_t i = 0; i + 3 <= text.size(); ++i) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at])); };
    keys.push_back(byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2));
  }
  std::sort(keys.begin(), keys.end());
  Profile profile;
  for (std::uint32_t key : keys) {
    if (profile.counts.empty() || profile.counts.back().first != key) profile.counts.emplace_back(key, 0);
    profile.counts.back().second += 1;
  }
  for (const auto& [key, count] : profile.counts) profile.length += count * count;
  profile.length = std::sqrt(profile.length);
  return profile;
}

// 1 for the same text, 0 for texts without common parts.
double similarity(const Profile& a, const Profile& b) {
  double common = 0;
  for (auto in_a = a.counts.begin(), in_b = b.counts.begin(); in_a != a.counts.end() && in_b != b.counts.end();) {
    if (in_a->first == in_b->first) common += in_a->second * in_b->second;
    const bool step_a = in_a->first <= in_b->first, step_b = in_b->first <= in_a->first;
    in_a += step_a ? 1 : 0;
    in_b += step_b ? 1 : 0;
  }
  return common == 0 ? 0 : common / (a.length * b.length);
}

struct Known {
  const Cause* cause;
  Profile profile;
};

// All three tables, as texts to compare with.
const std::vector<Known>& knownTexts() {
  static const std::vector<Known> kKnown = [] {
    std::vector<Known> known;
    const auto add = [&](const char* cause, std::string_view words) {
      known.push_back({findCause(cause), profileOf(canonicalText(words).text)});
    };
    for (const CompiledRow& compiled : compiledRows()) add(compiled.row->cause, compiled.pattern.literals());
    for (const SymptomRow& row : symptomRows()) add(row.cause, row.words);
    for (const Cause& cause : allCauses())
      add(cause.id, std::string(cause.id) + ' ' + cause.what + ' ' + cause.what_zh);
    return known;
  }();
  return kKnown;
}

std::vector<const Cause*> nearestCauses(const CanonicalText& text) {
  // The heart of a long text is unknown; its beginning and end are compared.
  constexpr std::size_t kCompared = 1000;
  const std::string_view all = text.text;
  std::string compared(all.substr(0, kCompared));
  if (all.size() > 2 * kCompared) compared += all.substr(all.size() - kCompared);
  const Profile wanted = profileOf(compared);
  std::map<const Cause*, double> scores;
  for (const Known& known : knownTexts()) {
    double& score = scores[known.cause];
    score = std::max(score, similarity(wanted, known.profile));
  }

  std::vector<const Cause*> order;
  for (const Cause& cause : allCauses()) order.push_back(&cause);
  std::stable_sort(order.begin(), order.end(), [&](const Cause* a, const Cause* b) { return scores[a] > scores[b]; });
  order.resize(kMostNearest);
  return order;
}

}  // namespace

Explanation explain(std::string_view input) {
  Explanation explanation;
  const CanonicalText text = canonicalText(input);
  addCode(explanation, text);
  if (explanation.known()) return explanation;
  addMessages(explanation, text);
  if (explanation.known()) return explanation;
  if (const SymptomRow* symptom = findSymptom(text)) {
    addCause(explanation, symptom->cause);
    explanation.recognised = text.original;
    return explanation;
  }
  explanation.nearest = nearestCauses(text);
  return explanation;
}

namespace {

Json toJson(const Cause& cause) {
  Json json{{"id", cause.id}, {"what", cause.what}, {"why", cause.why}, {"fix", cause.fix}, {"command", cause.command}};
  if (*cause.what_zh != '\0') json["zh"] = {{"what", cause.what_zh}, {"fix", cause.fix_zh}};
  return json;
}

}  // namespace

Json toJson(const Explanation& explanation) {
  Json json{{"known", explanation.known()}, {"causes", Json::array()}};
  for (const Cause* cause : explanation.causes) json["causes"].push_back(toJson(*cause));
  if (!explanation.recognised.empty()) json["recognised"] = explanation.recognised;
  if (!explanation.numbers.empty()) json["numbers"] = explanation.numbers;
  if (explanation.code)
    json["code"] = {
        {"name", explanation.code->name}, {"meaning", explanation.code->meaning}, {"text", explanation.code_paragraph}};
  for (const Cause* cause : explanation.nearest) json["nearest"].push_back({{"id", cause->id}, {"what", cause->what}});
  return json;
}

}  // namespace ocrdet
