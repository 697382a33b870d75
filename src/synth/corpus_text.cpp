// The sentences were written for this file; they belong to nobody else.
#include "synth/corpus_text.h"

namespace ocrdet::synth {
namespace {

constexpr std::string_view kEnglish[] = {
    "The morning train leaves from platform nine at a quarter past seven.",
    "Please keep this receipt; goods may be returned within thirty days.",
    "Fresh bread, warm coffee and a quiet corner to read.",
    "Parking is reserved for customers between eight and six.",
    "The committee will meet again on the second Tuesday of March.",
    "All measurements were taken twice and averaged over ten runs.",
    "Mind the step when leaving the building.",
    "Our garden centre opens early during the summer months.",
    "This report describes the results of the third experiment.",
    "Figure 4 shows the temperature of the water over time.",
    "Payment is due on receipt of the invoice.",
    "The old lighthouse was rebuilt after the storm of 1911.",
    "Handle with care: glass inside.",
    "Turn left at the second crossing and follow the river.",
    "She wrote her name in the book and closed the door behind her.",
    "No entry except for authorised vehicles.",
    "The library holds more than two million volumes.",
    "Add a pinch of salt, stir well and simmer for twenty minutes.",
    "Tickets can be bought online or at the main entrance.",
    "For further information please contact the office.",
    "Special offer this week only: buy two, get one free.",
    "The method is simple, robust and easy to explain.",
    "Dear Sir or Madam, thank you for your letter of 14 May.",
    "Use the emergency exit only in case of fire.",
    "Total amount including tax and delivery.",
    "A small boat crossed the bay under a pale evening sky.",
    "Students must bring a valid card and a pen.",
    "Open daily from nine in the morning until late at night.",
    "Repairs, keys and engraving while you wait.",
    "The bridge is closed to heavy traffic until further notice.",
    "Keep refrigerated and consume within three days of opening.",
    "Welcome to the city museum of natural history.",
};

constexpr std::string_view kChinese[] = {
    "早上七点一刻的火车从九号站台出发。",   "请妥善保管小票，三十天内可以退换。",
    "新鲜出炉的面包和一杯热咖啡。",         "营业时间：上午九点至晚上十点。",
    "本店提供免费停车服务，欢迎光临。",     "会议定于三月第二个星期二下午召开。",
    "实验结果取十次测量的平均值。",         "出门时请注意台阶，小心地滑。",
    "图书馆共有藏书两百多万册。",           "请在第二个路口左转，然后沿着河边走。",
    "加少许盐，搅拌均匀，小火煮二十分钟。", "非工作人员请勿入内。",
    "本产品请存放于阴凉干燥处。",           "门票可以在网上或者售票处购买。",
    "发生火灾时请使用安全出口。",           "合计金额包含税费和运费。",
    "感谢您的来信，我们会尽快答复。",       "学生须携带证件和笔参加考试。",
    "大桥维修期间禁止货车通行。",           "欢迎参观城市历史博物馆。",
    "夏天的傍晚，一只小船慢慢划过海湾。",   "如有疑问，请联系服务中心。",
    "本周特价，买二送一，数量有限。",       "开封后请冷藏，并在三日内食用。",
};

constexpr std::string_view kChineseWords[] = {
    "饭店",   "超市",   "银行", "邮局",   "医院",   "学校",   "书店",   "公园", "车站", "大街",   "中心",     "服务",
    "电话",   "地址",   "数量", "单价",   "金额",   "合计",   "日期",   "姓名", "编号", "备注",   "名称",     "规格",
    "公司",   "商场",   "茶叶", "水果",   "牛肉面", "豆浆",   "包子",   "火锅", "药房", "照相",   "理发",     "眼镜",
    "五金",   "家电",   "服装", "鞋帽",   "文具",   "宾馆",   "停车场", "出口", "入口", "收银台", "电梯",     "安全",
    "禁止",   "吸烟",   "小心", "欢迎",   "光临",   "营业",   "招聘",   "优惠", "北京", "上海",   "广州",     "杭州",
    "南京",   "西安",   "成都", "武汉",   "人民",   "中华",   "东方",   "和平", "长江", "黄河",   "有限公司", "委员会",
    "办公室", "管理处", "大学", "研究所", "派出所", "火车站", "机场",   "地铁", "平安", "福",     "春",       "喜",
};

}  // namespace

std::span<const std::string_view> englishSentences() {
  return kEnglish;
}

std::span<const std::string_view> chineseSentences() {
  return kChinese;
}

std::span<const std::string_view> chineseWords() {
  return kChineseWords;
}

}  // namespace ocrdet::synth
