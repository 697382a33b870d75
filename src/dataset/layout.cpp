#include "dataset/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/cancellation.h"
#include "base/paths.h"
#include "dataset/form_votes.h"
#include "dataset/list_line.h"
#include "dataset/text_encoding.h"
#include "dataset/text_lines.h"
#include "image/decode.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

struct Layout {
  const char* list;
  const char* images;  // `.` is the folder itself
  const char* truths;
};

std::vector<Layout> layoutsOf(const std::string& split) {
  if (split == "train")
    return {{"train_list.txt", "train_images", "train_gts"},
            {"train_list.txt", "ch4_training_images", "ch4_training_localization_transcription_gt"},
            {"train/list.txt", "train", "train"}};
  if (split == "test")
    return {{"test_list.txt", "test_images", "test_gts"},
            {"test_list.txt", "ch4_test_images", "Challenge4_Test_Task1_GT"},
            {"test/list.txt", "test", "test"}};
  return {{"list.txt", "images", "gts"}, {"list.txt", "images", "labels"}, {"list.txt", ".", "."}};
}

std::optional<SplitFolders> findSplit(const fs::path& folder, const std::string& split) {
  std::optional<SplitFolders> without_truths;
  for (const Layout& layout : layoutsOf(split)) {
    const SplitFolders found{split, folder / layout.list, (folder / layout.images).lexically_normal(),
                             (folder / layout.truths).lexically_normal()};
    if (!isFolder(found.images)) continue;
    // Of a folder that holds everything, only images tell that it is a set.
    const bool together = found.images == found.truths;
    const bool holds_images = (together || !isFolder(found.truths)) && !imageNames(found.images).empty();
    if (isFolder(found.truths) && (!together || holds_images)) return found;
    if (holds_images && !without_truths) without_truths = found;
  }
  return without_truths;  // a misspelt `test_gt` must not pass for a set without a test part
}

// … nor a misspelt `test_image`.
std::optional<SplitFolders> findSplitWithoutImages(const fs::path& folder, const std::string& split) {
  for (const Layout& layout : layoutsOf(split)) {
    const SplitFolders found{split, folder / layout.list, folder / layout.images, folder / layout.truths};
    const bool apart = std::string_view(layout.images) != layout.truths;
    if (apart && (isFile(found.list) || isFolder(found.truths))) return found;
  }
  return {};
}

[[noreturn]] void failLayout(const fs::path& folder, const std::string& split) {
  requireThere(folder);
  throw Error(
      {&codes::kDatasetLayoutUnknown,
       fmt::format("{}: neither {}_images/ with {}_gts/, nor images/ with gts/, nor images beside their text files.",
                   folder.string(), split, split),
       "docs/dataset.md shows the layouts that are read.",
       {{"path", folder.string()}},
       {}});
}

// A line that names no file counts as a whole.
std::vector<ListedImage> imagesOf(const SplitFolders& folders) {
  std::vector<ListedImage> images;
  if (!isFile(folders.list)) {
    for (std::string& name : imageNames(folders.images)) images.push_back({std::move(name)});
    return images;
  }
  const std::string text = decodeText(readTextFile(folders.list)).text;
  for (const std::string_view line : splitLines(text))
    if (!content(line).empty()) images.push_back(listedImage(line, folders).value_or(readingsOf(line).front()));
  return images;
}

// `cut.png`, for a truth called `cut.txt`.
bool isImageCalled(const fs::path& images, const std::string& stem) {
  return std::any_of(std::begin(kImageEndings), std::end(kImageEndings), [&](const auto& ending) {
    std::string upper(ending.first);
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return isFile(images / (stem + std::string(ending.first))) || isFile(images / (stem + upper));
  });
}

// UTF-8 text, or none of a file that cannot be read: whoever reads it for its shapes says so.
std::string textOf(const fs::path& file) {
  try {
    return decodeText(readTextFile(file)).text;
  } catch (const Error& error) {
    if (error.exitStatus() != ExitStatus::kInput) throw;
    return {};
  }
}

}  // namespace

void requireThere(const fs::path& set) {
  if (isThere(set)) return;
  throw Error({&codes::kFileMissing,
               fmt::format("{} does not exist.", set.string()),
               "Name the folder of the data set.",
               {{"path", set.string()}},
               {}});
}

std::vector<SplitFolders> findSplits(const fs::path& folder) {
  std::vector<SplitFolders> found;
  for (const char* split : {"train", "test"})
    if (const auto folders = findSplit(folder, split)) found.push_back(*folders);
  if (found.empty())
    if (const auto folders = findSplit(folder, "")) return {*folders};
  if (found.size() < 2)
    for (const char* split : {"train", "test"})
      if (const auto folders = findSplitWithoutImages(folder, split);
          folders && (found.empty() || found.front().split != split))
        found.push_back(*folders);
  if (found.empty()) failLayout(folder, "train");
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.split > b.split; });
  return found;
}

std::vector<std::string> imageNames(const fs::path& folder) {
  std::vector<std::string> names = fileNames(folder);
  std::erase_if(names, [](const std::string& name) { return !hasImageName(name); });
  return names;
}

Error holdsNoPictures(const fs::path& folder) {
  return Error({&codes::kDatasetLayoutUnknown,
                fmt::format("{} holds no pictures.", folder.string()),
                "Name a folder with JPEG, PNG, WebP, TIFF or BMP files.",
                {{"path", folder.string()}},
                {}});
}

std::vector<std::string> truthNames(const std::string& name) {
  const fs::path path(name);
  const std::string stem = path.stem().string(), whole = path.filename().string();
  return {stem + ".txt", whole + ".txt", "gt_" + stem + ".txt", "gt_" + whole + ".txt", stem + ".gt"};
}

std::vector<fs::path> truthCandidates(const SplitFolders& folders, const std::string& name) {
  const fs::path path(name), parent = path.parent_path();
  const std::string cut = path.filename().string().substr(0, path.filename().string().find('.'));
  std::vector<std::string> names = truthNames(name);
  names.push_back(cut + ".txt");
  std::vector<fs::path> found;
  for (const std::string& candidate : names)
    for (const fs::path& folder : {folders.truths / parent, folders.truths}) {
      const fs::path file = (folder / candidate).lexically_normal();
      if (std::find(found.begin(), found.end(), file) == found.end() && isFile(file)) found.push_back(file);
    }
  const bool cut_alone = !found.empty() && found.front().filename() == names.back() && path.stem() != cut;
  if (cut_alone && isImageCalled(folders.images / parent, cut)) return {};
  return found;
}

TruthForm guessForm(const std::vector<fs::path>& truth_files) {
  constexpr int kEnoughLines = 500;
  FormVotes votes;
  bool called_td = false;
  for (const fs::path& file : truth_files) {
    throwIfInterrupted();
    if (file.extension() == ".gt") return TruthForm::kRotatedBoxes;
    called_td = called_td || fs::absolute(file).string().find("TD") != std::string::npos;
    const std::string text = textOf(file);
    for (const std::string_view line : splitLines(text))
      if (const std::string_view inner = content(line); !inner.empty()) votes.add(inner);
    if (votes.lines() >= kEnoughLines) break;
  }
  return votes.form(called_td);
}

std::vector<TruthImage> findTruth(const fs::path& folder, const std::string& split) {
  std::optional<SplitFolders> folders = findSplit(folder, split);
  if (!folders) folders = findSplit(folder, "");
  if (!folders) failLayout(folder, split);
  const std::vector<ListedImage> images = imagesOf(*folders);
  std::vector<TruthImage> found;
  std::vector<fs::path> truth_files;
  std::vector<std::string> missing;
  for (const ListedImage& image : images) {
    const std::vector<fs::path> candidates = truthCandidates(*folders, image.name);
    const std::optional<fs::path> label = labelFile(image, *folders);
    if (!label && candidates.empty()) {
      missing.push_back(image.name);
      continue;
    }
    truth_files.push_back(label ? *label : candidates.front());
    found.push_back({folders->images / image.name, truth_files.back()});
  }
  if (!missing.empty())
    throw Error({&codes::kDatasetTruthMissing,
                 fmt::format("{} of {} images have no ground truth in {}, the first is {}.", missing.size(),
                             images.size(), folders->truths.string(), missing.front()),
                 fmt::format("Name it {}.txt or gt_{}.txt; an empty file means that there is no text.",
                             fs::path(missing.front()).stem().string(), fs::path(missing.front()).stem().string()),
                 {{"missing", std::int64_t(missing.size())}, {"first", missing.front()}},
                 {}});
  const TruthForm form = guessForm(truth_files);
  for (TruthImage& image : found) image.form = form;
  return found;
}

std::vector<std::vector<TruthLine>> readTruths(std::span<const TruthImage> images) {
  std::vector<std::vector<TruthLine>> truths;
  constexpr std::size_t kShown = 20;
  std::vector<Problem> problems;
  for (const TruthImage& image : images) try {
      if (problems.size() >= kShown) break;
      throwIfInterrupted();
      truths.push_back(readTruthFile(image.truth, image.form));
    } catch (const Error& error) {
      if (error.exitStatus() != ExitStatus::kInput) throw;
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  if (!problems.empty()) throw Error(std::move(problems));
  return truths;
}

}  // namespace ocrdet
