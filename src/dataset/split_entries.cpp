#include "dataset/split_entries.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "base/cancellation.h"
#include "base/paths.h"
#include "dataset/check_truth.h"
#include "dataset/text_lines.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

std::string lowered(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return text;
}

std::string loweredStem(const std::string& name) {
  return lowered(fs::path(name).stem().string());
}

// The images of a folder, also by names that are nearly theirs.
class PresentImages {
 public:
  explicit PresentImages(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      by_name_.emplace(lowered(name), name);
      by_stem_.emplace(loweredStem(name), name);
    }
  }
  // `IMG_1.JPG` for `img_1.jpg`, `a.png` for `a.jpg`: the first that is called nearly so.
  std::optional<std::string> near(const std::string& wanted) const {
    if (const auto found = by_name_.find(lowered(wanted)); found != by_name_.end()) return found->second;
    if (const auto found = by_stem_.find(loweredStem(wanted)); found != by_stem_.end()) return found->second;
    return {};
  }

 private:
  std::map<std::string, std::string> by_name_, by_stem_;
};

constexpr std::size_t kShownOfName = 200;  // of a line that may be long

bool leavesFolder(const std::string& name) {
  const fs::path path = fs::path(name).lexically_normal();
  return path.is_absolute() || (!path.empty() && *path.begin() == "..");
}

// One line of a list to the name of an image that is there, or a finding.
std::optional<std::string> imageOfLine(std::string_view line, int number_of_line, const SplitFolders& folders,
                                       const PresentImages& present, Findings& findings) {
  const std::string name = listedName(line, folders.images);
  const std::string list = folders.list.string();
  if (leavesFolder(name)) {
    findings.add(kinds::kListOutside, list, number_of_line,
                 fmt::format("\"{}\" leaves {}", name.substr(0, kShownOfName), folders.images.string()));
    return isFile(folders.images / name) ? std::optional(name) : std::nullopt;
  }
  if (isFile(folders.images / name)) return name;
  if (auto near = present.near(name)) {
    findings.add(kinds::kListWrongCase, list, number_of_line, fmt::format("\"{}\" is called {}", name, *near));
    return near;
  }
  findings.add(kinds::kListMissingImage, list, number_of_line,
               fmt::format("\"{}\" is not in {}", name.substr(0, kShownOfName), folders.images.string()));
  return {};
}

std::vector<std::string> listedImages(const SplitFolders& folders, const std::vector<std::string>& present,
                                      Findings& findings) {
  const std::string list = folders.list.string();
  Findings about_text(list);
  const DecodedText decoded = decodeAndCheck(readTextFile(folders.list), about_text);
  findings.add(about_text);
  std::vector<std::string> names;
  const PresentImages images(present);
  std::map<std::string, int> first_line;
  int number_of_line = 0;
  for (const std::string_view line : splitLines(decoded.text)) {
    throwIfInterrupted();
    ++number_of_line;
    if (content(line).empty()) continue;
    const auto name = imageOfLine(line, number_of_line, folders, images, findings);
    if (!name) continue;
    const auto [earlier, fresh] = first_line.emplace(*name, number_of_line);
    if (fresh)
      names.push_back(*name);
    else
      findings.add(kinds::kListDuplicate, list, number_of_line,
                   fmt::format("\"{}\" stands in line {}, too", *name, earlier->second));
  }
  for (const std::string& name : present)
    if (!first_line.contains(name))
      findings.add(kinds::kListUnlisted, (folders.images / name).string(), 0,
                   fmt::format("is not in {}", folders.list.filename().string()));
  return names;
}

std::optional<fs::path> truthOfImage(const fs::path& image, const std::string& name, const SplitFolders& folders,
                                     std::map<fs::path, std::string>& owners, Findings& findings) {
  const std::vector<fs::path> candidates = truthCandidates(folders.truths, name);
  if (candidates.empty()) {
    findings.add(kinds::kTruthMissing, image.string(), 0,
                 fmt::format("no {}.txt, gt_{}.txt or the like in {}", image.stem().string(), image.stem().string(),
                             folders.truths.string()));
    return {};
  }
  const fs::path& truth = candidates.front();
  if (candidates.size() > 1)
    findings.add(kinds::kTruthAmbiguous, image.string(), 0,
                 fmt::format("{} and {} fit it", truth.filename().string(), candidates[1].filename().string()));
  const auto [owner, fresh] = owners.emplace(truth, name);
  if (fresh) return truth;
  findings.add(kinds::kTruthShared, image.string(), 0,
               fmt::format("{} is also the ground truth of {}", truth.filename().string(), owner->second));
  return {};
}

// Text files that look like ground truth and belong to no image of the folder, listed or not.
void reportOrphans(const SplitFolders& folders, const std::vector<std::string>& listed,
                   const std::vector<std::string>& present, Findings& findings) {
  std::set<std::string> names(listed.begin(), listed.end());
  names.insert(present.begin(), present.end());
  std::set<fs::path> fitting;
  for (const std::string& name : names)
    for (const fs::path& truth : truthCandidates(folders.truths, name)) fitting.insert(truth);
  for (const std::string& name : fileNames(folders.truths)) {
    const fs::path file = (folders.truths / name).lexically_normal();
    const std::string ending = file.extension().string(), stem = file.stem().string();
    if (fitting.contains(file)) continue;
    // Beside the images lie all kinds of text files; in a folder of its own ground truth is alone.
    const bool beside = folders.images == folders.truths && !stem.starts_with("gt_") && ending != ".gt";
    if (!beside && (ending == ".txt" || ending == ".gt"))
      findings.add(kinds::kTruthOrphan, file.string(), 0,
                   fmt::format("no image of {} fits it", folders.images.string()));
  }
}

}  // namespace

std::vector<SplitEntry> splitEntries(const SplitFolders& folders, Findings& findings) {
  const std::vector<std::string> present = imageNames(folders.images);
  const bool listed = isFile(folders.list);
  const std::vector<std::string> names = listed ? listedImages(folders, present, findings) : present;
  if (!listed)
    findings.add(kinds::kListAbsent, folders.list.string(), 0, "is not there; all images of the folder are taken");
  if (folders.split == "test" && listed && fs::absolute(folders.list).string().find("train") != std::string::npos)
    findings.add(kinds::kListPathSaysTrain, folders.list.string(), 0,
                 fmt::format("`train` stands in {}", fs::absolute(folders.list).lexically_normal().string()));
  std::vector<SplitEntry> entries;
  std::map<fs::path, std::string> owners;
  for (const std::string& name : names) {
    throwIfInterrupted();
    const fs::path image = folders.images / name;
    entries.push_back({image, truthOfImage(image, name, folders, owners, findings)});
  }
  reportOrphans(folders, names, present, findings);
  return entries;
}

TruthForm formOf(const std::vector<SplitEntry>& entries) {
  std::vector<fs::path> truth_files;
  for (const SplitEntry& entry : entries)
    if (entry.truth) truth_files.push_back(*entry.truth);
  return guessForm(truth_files);
}

}  // namespace ocrdet
