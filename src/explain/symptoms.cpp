#include "explain/symptoms.h"

#include <algorithm>
#include <vector>

namespace ocrdet {
namespace {

// A question in plain words is short.
constexpr std::size_t kLongestQuestion = 300;
constexpr double kLargeShare = 0.4;

// clang-format off
constexpr SymptomRow kSymptomRows[] = {
    {"result.shifted-boxes", "box*|框|坐标|coordinate* & shift*|offset|misalign*|displaced|wrong place*|wrong position*|not aligned|错位|偏移|偏了|偏离|对不上|不对齐|歪|位置不对|位置不准"},
    {"result.empty", "no box*|no text|finds nothing|found nothing|detects nothing|detected nothing|nothing detected|nothing found|nothing is found|nothing is detected|empty result*|no result*|no detection*|检测不到|检测不出|没检测到|没有检测到|没有框|没框|无框|识别不到|识别不出|空结果|结果为空|找不到文字|没有文字框"},
    {"result.empty", "output is empty|empty output|empty list|输出为空|输出是空|返回空|返回为空", true},
    {"result.empty", "box* & empty|missing|没了|消失|为空|空的"},
    {"result.misses", "漏检|漏字|missed text|misses text|misses some|some text is missing|some text is not found"},
    {"result.misses", "漏掉", true},
    {"result.misses", "small text|小字 & missing|missed|not found|检测不到|检测不出"},
    {"result.false-boxes", "误检|多余的框|太多框|框太多|too many box*"},
    {"result.false-boxes", "false positive*", true},
    {"result.false-boxes", "box*|框 & where there is no text|background|背景"},
    {"result.merged", "粘连|多行一个框"},
    {"result.merged", "merged|joined together|合并成一个|连在一起 & box*|框|line*|word*|行|文字"},
    {"memory.exhausted", "显存不足|显存不够|显存溢出|爆显存|显存爆|gpu out of memory|out of gpu memory|not enough gpu memory"},
    {"memory.exhausted", "out of memory|not enough memory|runs out of memory|ran out of memory|oom|bad_alloc|bad alloc|内存不足|内存不够|内存溢出|爆内存|进程被杀|被系统杀|killed", true},
    {"memory.grows", "memory & grows|growing|leak*|increases|rises"},
    {"memory.grows", "内存 & 增长|上涨|一直涨|越来越|泄漏|泄露|不释放"},
    {"export.failed", "导出失败|导出报错|导出出错|导出错误|导出崩溃|无法导出|不能导出|导出不了|export fail*|export error*|export crash*|export does not work|export doesn't work|cannot export|can't export", true},
    {"export.failed", "onnx & export*|导出|转换|convert* & fail*|error*|crash*|失败|报错|出错"},
    {"export.hangs", "export*|导出 & hang*|stuck|freez*|never finish*|卡住|卡死|没反应|无响应|一直转"},
    {"export.file-too-small", "onnx|模型文件|导出的文件|model file|exported file & kb|kilobyte*|几k|几十k|太小|too small|tiny"},
    {"input.size-fixed", "固定尺寸|固定大小|只能输入|换尺寸|换个尺寸|尺寸不匹配|尺寸不一致|维度不匹配|输入尺寸错误|another size|different size*|other size*|fixed size*|only accept*|dimension mismatch & onnx|模型|model|输入|input|推理|inference|run*|报错"},
    {"input.size-not-multiple-of-32", "multiple of 32|multiples of 32|divisible by 32|32的倍数|32 的倍数|32倍数|被32整除|能被 32 整除"},
    {"input.size-not-multiple-of-32", "which size*|what size*|尺寸怎么|怎么设置尺寸|输入尺寸|设置高宽|高度和宽度 & export*|导出|onnx|model|模型|input|输入|设|网络"},
    {"input.size-not-multiple-of-32", "input size* & export*|导出|onnx|model|模型|network|网络|which|what|set"},
    {"file.truncated-or-not-onnx", "onnx|模型|model & load*|加载|打开|读取 & fail*|cannot|can't|won't|does not|doesn't|失败|不了|报错|无法"},
    {"checkpoint.prefix", "权重|checkpoint*|weight*|预训练 & key*|名字|对不上|不匹配|加载失败|载入失败|do not match|don't match|mismatch"},
    {"checkpoint.nothing-loaded", "strict=false|strict false|weights not loaded|weights are not loaded|weights were not loaded|权重没加载|权重没有加载|权重未加载|没有加载权重"},
    {"input.colour-order", "colour*|color*|颜色|红蓝|rgb & swap*|wrong|exchange*|revers*|反了|颠倒|不对|bgr"},
    {"train.no-effect", "train*|fine-tun*|finetun*|训练|微调 & no effect|worse|not converg*|does not converge|doesn't converge|loss nan|nan|no better|没有效果|没效果|变差|不收敛|不下降|更差"},
    {"train.failed", "train*|fine-tun*|finetun*|训练|微调 & fail*|crash*|error*|失败|报错|出错"},
    {"service.unreachable", "page|web page|website|网页|页面|服务|7860|service|server & not open|does not open|doesn't open|won't open|not load|unreachable|cannot reach|can't reach|connection refused|打不开|访问不了|无法访问|连不上|拒绝连接"},
    {"service.unreachable", "7860 & closed|blocked|not open|关闭|没开|没有开放|未开放"},
    {"service.port-in-use", "7860|端口|port & in use|taken|occupied|被占用|占用"},
    {"service.gone", "service|server|服务|后台 & gone|stopped|died|exits|crash*|挂了|没了|崩溃|退出|掉线"},
    {"speed.slow", "detect*|inference|推理|检测|识别|onnx|模型 & slow*|takes long|too long|很慢|太慢|慢|耗时"},
    {"runtime.provider-missing", "gpu|cuda|tensorrt & not used|unused|only cpu|on the cpu|not found|没用上|用不上|不可用|没有使用|没有用|跑在cpu"},
    {"image.unreadable", "picture*|image*|图片|图像 & cannot be read|can't be read|not read|unreadable|读不了|读取失败|打不开|无法读取"},
};

// Words of this field, beside which common words are about this field.
constexpr std::string_view kFieldWords[] = {"onnx", "dbnet", "ocr", "text detection", "checkpoint", "pytorch", "torch", "inference",
                                            "模型", "检测", "文字", "推理", "显存", "框", "torch", "text box", "fine-tun"};

// Questions about these are about these.
constexpr std::string_view kOtherFields[] = {"sql", "postgres", "oracle", "数据库", "java", "npm", "node.js", "nginx", "css", "excel",
                                             "表格", "git", "cargo", "rust", "tensorflow", "keras", "pandas", "react", "vue", "redis",
                                             "php", "latex", "ppt", "word文档", "打印", "spring", "browser", "flexbox", "redux"};
// clang-format on

bool isLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Whether the term occurs; words of Latin letters not inside others.
bool occurs(std::string_view text, std::string_view term) {
  const bool stem = term.ends_with('*');
  if (stem) term.remove_suffix(1);
  for (std::size_t at = text.find(term); at != std::string_view::npos; at = text.find(term, at + 1)) {
    const std::size_t end = at + term.size();
    const bool starts = !isLetter(term.front()) || at == 0 || !isLetter(text[at - 1]);
    const bool ends = stem || !isLetter(term.back()) || end == text.size() || !isLetter(text[end]);
    if (starts && ends) return true;
  }
  return false;
}

std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + separator.size());
  }
}

// Characters of the longest alternatives that occur, over all groups; 0 unless every group occurs.
std::size_t matchedLength(std::string_view text, const SymptomRow& row) {
  std::size_t total = 0;
  for (std::string_view group : split(row.words, " & ")) {
    std::size_t longest = 0;
    for (std::string_view term : split(group, "|")) {
      if (occurs(text, term)) longest = std::max(longest, term.size());
    }
    if (longest == 0) return 0;
    total += longest;
  }
  return total;
}

bool isPlainWords(std::string_view text) {
  static constexpr std::string_view kSignsOfCode[] = {"error:", "exception", "fatal", "::", "[",
                                                      "{",      "()",        "==",    "->", "://"};
  return text.size() <= kLongestQuestion &&
         std::none_of(std::begin(kSignsOfCode), std::end(kSignsOfCode),
                      [&](auto sign) { return text.find(sign) != std::string_view::npos; });
}

}  // namespace

std::span<const SymptomRow> symptomRows() {
  return kSymptomRows;
}

const SymptomRow* findSymptom(const CanonicalText& canonical) {
  const std::string_view text = canonical.text;
  const auto has = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
  if (!isPlainWords(text) || std::any_of(std::begin(kOtherFields), std::end(kOtherFields), has)) return nullptr;
  const bool in_field = std::any_of(std::begin(kFieldWords), std::end(kFieldWords), has);
  const SymptomRow* best = nullptr;
  std::size_t best_length = 0;
  for (const SymptomRow& row : kSymptomRows) {
    const std::size_t length = matchedLength(text, row);
    const bool fills = static_cast<double>(length) >= kLargeShare * static_cast<double>(text.size());
    if (length <= best_length || (row.common && !in_field && !fills)) continue;
    best = &row;
    best_length = length;
  }
  return best;
}

}  // namespace ocrdet
