// Faults to plant in a sound set: what the doctor must find, and where. A new kind of finding gets a row here.
#pragma once

#include <string>

#include "dataset/small_set.h"
#include "image/encode.h"
#include "image/resize.h"

namespace ocrdet::test {

struct Fault {
  const char* name;
  void (*plant)(const SmallSet&);
  const char* code;
  const char* file;  // how the path ends
  int line = 0;
};

inline std::string utf16(const std::string& text) {
  std::string bytes = "\xFF\xFE";
  for (const char c : text) bytes += {c, '\0'};
  return bytes;
}

// A JPEG file whose EXIF block says: turn by a quarter.
inline std::string turnedJpeg(const Image& image) {
  const std::string jpeg = encodeJpeg(image);
  const std::string exif(
      "\xFF\xE1\x00\x22"
      "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0",
      36);
  return jpeg.substr(0, 2) + exif + jpeg.substr(2);
}

inline const Fault kFaults[] = {
    {"MissingImage",
     [](const SmallSet& set) {
       set.remove("train_images/tr2.png");
       set.remove("train_gts/tr2.txt");
     },
     "list.missing-image", "train_list.txt", 2},
    {"LinkToItself",
     [](const SmallSet& set) {
       set.remove("train_images/tr2.png");
       set.remove("train_gts/tr2.txt");
       fs::create_symlink("tr2.png", set.path() / "train_images/tr2.png");
     },
     "list.missing-image", "train_list.txt", 2},
    {"LineLongerThanAnyName",
     [](const SmallSet& set) { set.append("train_list.txt", std::string(300, 'x') + ".png\n"); }, "list.missing-image",
     "train_list.txt", 7},
    {"WrongCase",
     [](const SmallSet& set) {
       set.rename("train_images/tr3.png", "train_images/TR3.PNG");
       set.rename("train_gts/tr3.txt", "train_gts/TR3.txt");
     },
     "list.wrong-case", "train_list.txt", 3},
    {"PathFromTheSet", [](const SmallSet& set) { set.replace("train_list.txt", "tr2.png", "train_images\\tr2.png"); },
     "list.other-path", "train_list.txt", 2},
    {"PairOfPaths",
     [](const SmallSet& set) { set.replace("train_list.txt", "tr2.png", "train_images/tr2.png train_gts/tr2.txt"); },
     "list.other-path", "train_list.txt", 2},
    {"PathOfAnotherMachine",
     [](const SmallSet& set) { set.replace("train_list.txt", "tr2.png", "C:\\data\\set\\tr2.png"); }, "list.other-path",
     "train_list.txt", 2},
    {"WrongCaseBeforeALabel", [](const SmallSet& set) { set.replace("train_list.txt", "tr2.png", "TR2.png\ttr2.txt"); },
     "list.wrong-case", "train_list.txt", 2},
    {"BlankLineOfList", [](const SmallSet& set) { set.replace("train_list.txt", "tr2.png", "\ntr2.png"); },
     "list.blank-line", "train_list.txt", 2},
    {"NoFolderOfImages",
     [](const SmallSet& set) {
       set.rename("test_images", "Test_images");
       set.write("test_list.txt", "");
       fs::remove_all(set.path() / "test_gts");
     },
     "set.empty", "test_images"},
    {"ListedTwice", [](const SmallSet& set) { set.append("test_list.txt", "te1.png\n"); }, "list.duplicate",
     "test_list.txt", 7},
    {"Unlisted",
     [](const SmallSet& set) {
       set.write("test_images/extra.png", encodePng(blocks(99)));
       set.write("test_gts/extra.txt", "");
     },
     "list.unlisted", "test_images/extra.png"},
    {"OutsideFolder", [](const SmallSet& set) { set.append("train_list.txt", "../elsewhere/x.png\n"); }, "list.outside",
     "train_list.txt", 7},
    {"ByteOrderMark",
     [](const SmallSet& set) { set.write("train_gts/tr1.txt", "\xEF\xBB\xBF" + set.read("train_gts/tr1.txt")); },
     "encoding.mark", "tr1.txt", 1},
    {"ByteOrderMarkOfList",
     [](const SmallSet& set) { set.write("test_list.txt", "\xEF\xBB\xBF" + set.read("test_list.txt")); },
     "encoding.mark", "test_list.txt", 1},
    {"ByteOrderMarkInside",
     [](const SmallSet& set) {
       const std::string truth = set.read("train_gts/tr1.txt");
       set.write("train_gts/tr1.txt", truth +
                                          "\xEF\xBB\xBF"
                                          "70,10,90,10,90,30,70,30,joined\n");
     },
     "encoding.mark", "tr1.txt", 3},
    {"Utf16", [](const SmallSet& set) { set.write("train_gts/tr2.txt", utf16(SmallSet::kTruth)); }, "encoding.utf16",
     "tr2.txt"},
    {"Gbk", [](const SmallSet& set) { set.replace("train_gts/tr2.txt", "two words", "\xD6\xD0\xCE\xC4"); },
     "encoding.not-utf8", "tr2.txt", 2},
    {"MacLineEnds",
     [](const SmallSet& set) {
       set.write("test_gts/te1.txt", "10,10,60,10,60,30,10,30,a\r20,50,90,50,90,80,20,80,b\r");
     },
     "encoding.line-ends", "te1.txt"},
    {"NoPicture", [](const SmallSet& set) { set.write("train_images/tr4.png", "<html>not found</html>"); },
     "image.unreadable", "tr4.png"},
    {"CutPicture",
     [](const SmallSet& set) {
       const std::string png = set.read("train_images/tr4.png");
       set.write("train_images/tr4.png", png.substr(0, png.size() / 2));
     },
     "image.truncated", "tr4.png"},
    {"EmptyPicture", [](const SmallSet& set) { set.write("test_images/te4.png", ""); }, "image.empty", "te4.png"},
    {"StampPicture",
     [](const SmallSet& set) {
       set.write("test_images/te4.png", encodePng(blocks(50, 20, 160)));
       set.write("test_gts/te4.txt", "1,1,90,1,90,15,1,15,a\n");
     },
     "image.too-small", "te4.png"},
    {"WrongExtension", [](const SmallSet& set) { set.write("train_images/tr5.png", encodeJpeg(blocks(51))); },
     "image.wrong-extension", "tr5.png"},
    {"TurnedPicture",
     [](const SmallSet& set) {
       set.write("train_images/tr5.jpg", turnedJpeg(blocks(51)));
       set.remove("train_images/tr5.png");
       set.replace("train_list.txt", "tr5.png", "tr5.jpg");
     },
     "image.turned", "tr5.txt"},
    {"TwinPictures", [](const SmallSet& set) { set.write("train_images/tr6.png", set.read("train_images/tr5.png")); },
     "image.duplicate", "tr6.png"},
    {"Overlap", [](const SmallSet& set) { set.write("train_images/tr6.png", set.read("test_images/te2.png")); },
     "set.overlap", "tr6.png"},
    {"OverlapInOtherSize",
     [](const SmallSet& set) {
       set.write("train_images/tr6.jpg", encodeJpeg(resize(blocks(SmallSet::kImages + 2), {192, 320}), 70));
       set.remove("train_images/tr6.png");
       set.replace("train_list.txt", "tr6.png", "tr6.jpg");
     },
     "set.overlap-likely", "tr6.jpg"},
    {"NoTruth", [](const SmallSet& set) { set.remove("train_gts/tr1.txt"); }, "truth.missing", "tr1.png"},
    {"OrphanTruth", [](const SmallSet& set) { set.write("train_gts/gone.txt", SmallSet::kTruth); }, "truth.orphan",
     "gone.txt"},
    {"TwoTruths", [](const SmallSet& set) { set.write("train_gts/gt_tr1.txt", ""); }, "truth.ambiguous", "tr1.png"},
    {"TruthInCapitals", [](const SmallSet& set) { set.rename("train_gts/tr1.txt", "train_gts/TR1.TXT"); },
     "truth.wrong-case", "TR1.TXT"},
    {"DottedNameWithoutTruth",
     [](const SmallSet& set) {
       set.write("train_images/tr1.1.png", encodePng(blocks(60)));
       set.write("train_list.txt", "tr1.1.png\n" + set.read("train_list.txt"));
     },
     "truth.missing", "tr1.1.png"},
    {"SharedTruth",
     [](const SmallSet& set) {
       set.write("train_images/tr1.jpg", encodeJpeg(blocks(52)));
       set.append("train_list.txt", "tr1.jpg\n");
     },
     "truth.shared", "tr1.jpg"},
    {"HugeTruth", [](const SmallSet& set) { fs::resize_file(set.path() / "train_gts/tr1.txt", 64'000'001); },
     "truth.too-large", "tr1.txt"},
    {"BlankLine", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "\n10,40,60,40,60,48,10,48,x\n"); },
     "truth.blank-line", "tr1.txt", 3},
    {"SevenNumbers", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "1,2,3,4,5,6,7,text\n"); },
     "truth.count", "tr1.txt", 3},
    {"Rectangle", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "1,2,30,40,text\n"); }, "truth.count",
     "tr1.txt", 3},
    {"NotANumber", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "1,2,3,4,5,six,7,8,text\n"); },
     "truth.not-a-number", "tr1.txt", 3},
    {"NotFinite", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "1,2,nan,4,5,6,7,8,text\n"); },
     "truth.not-finite", "tr1.txt", 3},
    {"AbsurdNumber", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "1,2,1e300,4,5,6,7,8,text\n"); },
     "truth.not-finite", "tr1.txt", 3},
    {"Semicolons", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "70;10;90;10;90;30;70;30;text\n"); },
     "truth.separator", "tr1.txt", 3},
    {"Blanks", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "70 10 90 10 90 30 70 30 text\n"); },
     "truth.separator", "tr1.txt", 3},
    {"TabBeforeTheText",
     [](const SmallSet& set) { set.append("train_gts/tr1.txt", "70,10,90,10,90,30,70,30\ttext\n"); }, "truth.separator",
     "tr1.txt", 3},
    {"BlanksBetweenCorners",
     [](const SmallSet& set) { set.append("train_gts/tr1.txt", "70 10,90 10,90 30,70 30,text\n"); }, "truth.separator",
     "tr1.txt", 3},
    {"SemicolonsBetweenCorners",
     [](const SmallSet& set) { set.append("train_gts/tr1.txt", "70,10;90,10;90,30;70,30;text\n"); }, "truth.separator",
     "tr1.txt", 3},
    {"FullWidthCommas",
     [](const SmallSet& set) { set.append("train_gts/tr1.txt", "70，10，90，10，90，30，70，30，text\n"); },
     "truth.separator", "tr1.txt", 3},
    {"NoText", [](const SmallSet& set) { set.append("train_gts/tr1.txt", "70,10,90,10,90,30,70,30\n"); },
     "truth.no-text", "tr1.txt", 3},
    {"PolygonAmongQuads",
     [](const SmallSet& set) { set.append("train_gts/tr1.txt", "70,10,80,8,90,10,90,30,80,28,70,30,curved\n"); },
     "truth.mixed-form", "tr1.txt", 3},
    {"PolygonAmongQuadsWithBlanks",
     [](const SmallSet& set) { set.append("train_gts/tr1.txt", "70 10 80 8 90 10 90 30 80 28 70 30 curved\n"); },
     "truth.mixed-form", "tr1.txt", 3},
    {"Json", [](const SmallSet& set) { set.write("train_gts/tr1.txt", "[{\"points\": [[1, 2]]}]\n"); },
     "truth.other-format", "tr1.txt", 1},
    {"SwappedAxes",
     [](const SmallSet& set) {
       set.write("train_gts/tr1.txt", "10,10,30,10,30,60,10,60,a\n50,20,80,20,80,140,50,140,b\n");
     },
     "truth.swapped-axes", "tr1.txt"},
    {"SharesOfTheImage",
     [](const SmallSet& set) { set.write("train_gts/tr1.txt", "0.1,0.1,0.5,0.1,0.5,0.3,0.1,0.3,a\n"); },
     "truth.normalised", "tr1.txt"},
    {"BowTie", [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,90,30,90,10,70,30,x\n"); },
     "box.self-intersecting", "te1.txt", 3},
    {"CounterClockwise", [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,70,30,90,30,90,10,x\n"); },
     "box.counter-clockwise", "te1.txt", 3},
    {"NoArea", [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,90,10,90,10,70,10,x\n"); },
     "box.no-area", "te1.txt", 3},
    {"Tiny", [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,90,10,90,11,70,11,x\n"); }, "box.tiny",
     "te1.txt", 3},
    {"Outside", [](const SmallSet& set) { set.append("test_gts/te1.txt", "170,10,190,10,190,30,170,30,x\n"); },
     "box.outside", "te1.txt", 3},
    {"MostlyOutside", [](const SmallSet& set) { set.append("test_gts/te1.txt", "150,10,190,10,190,30,150,30,x\n"); },
     "box.mostly-outside", "te1.txt", 3},
    {"Duplicate", [](const SmallSet& set) { set.append("test_gts/te1.txt", "60,10,60,30,10,30,10,10,one\n"); },
     "box.duplicate", "te1.txt", 3},
    {"IgnoredByAccident",
     [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,90,10,90,30,70,30,10,###\n"); },
     "text.comma-ignored", "te1.txt", 3},
    {"MarkInQuotes", [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,90,10,90,30,70,30,\"###\"\n"); },
     "text.ignore-mark", "te1.txt", 3},
    {"FourSigns", [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,90,10,90,30,70,30,####\n"); },
     "text.ignore-mark", "te1.txt", 3},
    {"BlankBeforeTheMark",
     [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,90,10,90,30,70,30, ###\n"); }, "text.ignore-mark",
     "te1.txt", 3},
    {"ControlCharacter",
     [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,90,10,90,30,70,30,a\x07z\n"); }, "text.control",
     "te1.txt", 3},
    {"FailedConversion",
     [](const SmallSet& set) { set.append("test_gts/te1.txt", "70,10,90,10,90,30,70,30,a\xEF\xBF\xBDz\n"); },
     "text.damaged", "te1.txt", 3},
    {"AllIgnored",
     [](const SmallSet& set) {
       for (int i = 1; i <= SmallSet::kImages; ++i)
         set.write("test_gts/te" + std::to_string(i) + ".txt", "10,10,60,10,60,30,10,30,###\n");
     },
     "set.all-ignored", "test_images"},
    {"NoImages",
     [](const SmallSet& set) {
       fs::remove_all(set.path() / "test_images");
       fs::create_directories(set.path() / "test_images");
       fs::remove_all(set.path() / "test_gts");
       fs::create_directories(set.path() / "test_gts");
       set.write("test_list.txt", "");
     },
     "set.empty", "test_images"},
};

}  // namespace ocrdet::test
