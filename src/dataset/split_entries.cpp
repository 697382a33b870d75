#include "dataset/split_entries.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "base/cancellation.h"
#include "base/paths.h"
#include "dataset/check_truth.h"
#include "dataset/list_line.h"
#include "dataset/text_lines.h"
#include "image/decode.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

std::string lowered(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return text;
}

std::string loweredStem(const std::string& name) {
  return lowered(fs::path(name).replace_extension().string());
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
  std::optional<ListedImage> near(std::string_view line) const {
    for (const ListedImage& reading : readingsOf(line)) {
      const std::string& wanted = reading.name;
      if (const auto found = by_name_.find(lowered(wanted)); found != by_name_.end())
        return ListedImage{found->second, reading.label};
      // The first word of a name with blanks is no name.
      if (const auto found = by_stem_.find(loweredStem(wanted)); found != by_stem_.end() && hasImageName(wanted))
        return ListedImage{found->second, reading.label};
    }
    return {};
  }

 private:
  std::map<std::string, std::string> by_name_, by_stem_;
};

constexpr std::size_t kShownOfName = 200;  // of a line that may be long

// One line of a list to an image that is there, or a finding.
std::optional<ListedImage> imageOfLine(std::string_view line, int number_of_line, const SplitFolders& folders,
                                       const PresentImages& present, Findings& findings) {
  auto image = listedImage(line, folders);
  const std::string whole = readingsOf(line).front().name, name = image ? image->name : whole;
  const auto add = [&](const FindingKind& kind, const std::string& subject, const std::string& what) {
    findings.add(kind, folders.list.string(), number_of_line,
                 fmt::format("\"{}\" {}", subject.substr(0, kShownOfName), what));
  };
  if (leavesFolder(name)) add(kinds::kListOutside, name, "leaves " + folders.images.string());
  if (image && image->other_path)
    add(kinds::kListOtherPath, whole, fmt::format("is {} in {}", name, folders.images.string()));
  if (image || leavesFolder(name)) return image;
  if ((image = present.near(line)))
    add(kinds::kListWrongCase, whole, "is called " + image->name);
  else
    add(kinds::kListMissingImage, whole, "is not in " + folders.images.string());
  return image;
}

std::vector<ListedImage> listedImages(const SplitFolders& folders, const std::vector<std::string>& present,
                                      Findings& findings) {
  const std::string list = folders.list.string();
  Findings about_text(list);
  const DecodedText decoded = decodeAndCheck(readTextFile(folders.list), about_text);
  findings.add(about_text);
  std::vector<ListedImage> listed;
  const PresentImages images(present);
  std::map<std::string, int> first_line;
  int number_of_line = 0;
  for (const std::string_view line : splitLines(decoded.text)) {
    throwIfInterrupted();
    ++number_of_line;
    if (content(line).empty()) {
      findings.add(kinds::kListBlankLine, list, number_of_line, "the line is empty");
      continue;
    }
    auto image = imageOfLine(line, number_of_line, folders, images, findings);
    if (!image) continue;
    const auto [earlier, fresh] = first_line.emplace(image->name, number_of_line);
    if (fresh)
      listed.push_back(std::move(*image));
    else
      findings.add(kinds::kListDuplicate, list, number_of_line,
                   fmt::format("\"{}\" stands in line {}, too", image->name, earlier->second));
  }
  for (const std::string& name : present)
    if (!first_line.contains(name))
      findings.add(kinds::kListUnlisted, (folders.images / name).string(), 0,
                   fmt::format("is not in {}", folders.list.filename().string()));
  return listed;
}

// The files of a folder of ground truth by their names in small letters.
class PresentTruths {
 public:
  explicit PresentTruths(const SplitFolders& folders) : folders_(folders) {
    for (const std::string& name : fileNames(folders.truths)) by_name_.emplace(lowered(name), name);
  }
  // `1.TXT` for `1.txt`.
  std::optional<fs::path> near(const std::string& image_name) const {
    for (const std::string& wanted : truthNames(image_name))
      if (const auto found = by_name_.find(lowered(wanted)); found != by_name_.end())
        return (folders_.truths / found->second).lexically_normal();
    return {};
  }

 private:
  const SplitFolders& folders_;
  std::map<std::string, std::string> by_name_;
};

// The label that the list names, then what is called like the image, exactly or nearly.
std::vector<fs::path> possibleTruths(const ListedImage& listed, const SplitFolders& folders,
                                     const PresentTruths& present, Findings& findings) {
  std::vector<fs::path> truths = truthCandidates(folders, listed.name);
  if (const auto label = labelFile(listed, folders)) {
    std::erase(truths, *label);
    truths.insert(truths.begin(), *label);
  }
  if (!truths.empty()) return truths;
  const auto near = present.near(listed.name);
  if (!near) return {};
  findings.add(kinds::kTruthWrongCase, near->string(), 0,
               fmt::format("is the ground truth of {}", fs::path(listed.name).filename().string()));
  return {*near};
}

std::optional<fs::path> truthOfImage(const ListedImage& listed, const SplitFolders& folders,
                                     const PresentTruths& present, std::map<fs::path, std::string>& owners,
                                     Findings& findings) {
  const fs::path image = folders.images / listed.name;
  const std::vector<fs::path> candidates = possibleTruths(listed, folders, present, findings);
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
  const auto [owner, fresh] = owners.emplace(truth, listed.name);
  if (fresh) return truth;
  findings.add(kinds::kTruthShared, image.string(), 0,
               fmt::format("{} is also the ground truth of {}", truth.filename().string(), owner->second));
  return {};
}

// Text files that look like ground truth and belong to no image of the folder, listed or not. `owners`: those that are
// some image's.
void reportOrphans(const SplitFolders& folders, const std::map<fs::path, std::string>& owners,
                   const std::vector<std::string>& present, Findings& findings) {
  std::set<std::string> names(present.begin(), present.end());
  for (const auto& [truth, name] : owners) names.insert(name);
  std::set<fs::path> fitting;
  for (const std::string& name : names)
    for (const fs::path& truth : truthCandidates(folders, name)) fitting.insert(truth);
  for (const std::string& name : fileNames(folders.truths)) {
    const fs::path file = (folders.truths / name).lexically_normal();
    const std::string ending = lowered(file.extension().string()), stem = file.stem().string();
    if (fitting.contains(file) || owners.contains(file)) continue;
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
  std::vector<ListedImage> images;
  if (listed)
    images = listedImages(folders, present, findings);
  else
    for (const std::string& name : present) images.push_back({name});
  if (!listed)
    findings.add(kinds::kListAbsent, folders.list.string(), 0, "is not there; all images of the folder are taken");
  if (folders.split == "test" && listed && fs::absolute(folders.list).string().find("train") != std::string::npos)
    findings.add(kinds::kListPathSaysTrain, folders.list.string(), 0,
                 fmt::format("`train` stands in {}", fs::absolute(folders.list).lexically_normal().string()));
  std::vector<SplitEntry> entries;
  const PresentTruths truths(folders);
  std::map<fs::path, std::string> owners;
  for (const ListedImage& image : images) {
    throwIfInterrupted();
    entries.push_back({folders.images / image.name, truthOfImage(image, folders, truths, owners, findings)});
  }
  reportOrphans(folders, owners, present, findings);
  return entries;
}

TruthForm formOf(const std::vector<SplitEntry>& entries) {
  std::vector<fs::path> truth_files;
  for (const SplitEntry& entry : entries)
    if (entry.truth) truth_files.push_back(*entry.truth);
  return guessForm(truth_files);
}

}  // namespace ocrdet
