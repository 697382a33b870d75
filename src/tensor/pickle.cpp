#include "tensor/pickle.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <unordered_map>
#include <utility>

#include "tensor/checkpoint_errors.h"
#include "tensor/pickle_instructions.h"

namespace ocrdet {
namespace {

// Values copied from one container to another (instructions of a few bytes can copy a large list again and again).
constexpr std::size_t kMaximumCopies = 4'000'000;
constexpr std::size_t kMaximumInstructions = 10'000'000;
constexpr int kNewestProtocol = 5;

using Kind = PickleValue::Kind;

class Interpreter {
 public:
  explicit Interpreter(ByteReader& reader) : reader_(reader) {}

  Pickle run() {
    for (std::size_t count = 0;; ++count) {
      if (count == kMaximumInstructions) failTooLarge(fmt::format("The pickle has more than {} instructions.", count));
      const auto instruction = reader_.read<unsigned char>();
      if (instruction == kStop) break;
      if (!readContainer(instruction) && !readConstant(instruction) && !readMemo(instruction) &&
          !readObject(instruction))
        refuseInstruction(instruction);
    }
    pickle_.root = stack_.pop();
    return std::move(pickle_);
  }

 private:
  // ---- instructions; each function knows a family and returns false for the others

  // clang-format off
  bool readConstant(unsigned char instruction) {
    switch (instruction) {
      case kNone: push(Kind::kNone); return true;
      case kNewTrue: pushInteger(Kind::kBool, 1); return true;
      case kNewFalse: pushInteger(Kind::kBool, 0); return true;
      case kBinInt: pushInteger(Kind::kInteger, reader_.read<std::int32_t>()); return true;
      case kBinInt1: pushInteger(Kind::kInteger, reader_.read<std::uint8_t>()); return true;
      case kBinInt2: pushInteger(Kind::kInteger, reader_.read<std::uint16_t>()); return true;
      case kLong1: pushLong(reader_.takeText(reader_.read<std::uint8_t>())); return true;
      case kLong4: pushLong(reader_.takeText(reader_.read<std::uint32_t>())); return true;
      case kBinFloat: pushFloat(); return true;
      case kShortBinUnicode: pushText(Kind::kText, reader_.read<std::uint8_t>()); return true;
      case kBinUnicode: pushText(Kind::kText, reader_.read<std::uint32_t>()); return true;
      case kBinUnicode8: pushText(Kind::kText, reader_.read<std::uint64_t>()); return true;
      // Strings of Python 2, which PyTorch reads as UTF-8.
      case kShortBinString: pushText(Kind::kText, reader_.read<std::uint8_t>()); return true;
      case kBinString: pushText(Kind::kText, reader_.read<std::uint32_t>()); return true;
      case kShortBinBytes: pushText(Kind::kBytes, reader_.read<std::uint8_t>()); return true;
      case kBinBytes: pushText(Kind::kBytes, reader_.read<std::uint32_t>()); return true;
      case kBinBytes8:
      case kByteArray8: pushText(Kind::kBytes, reader_.read<std::uint64_t>()); return true;
      default: return false;
    }
  }

  bool readContainer(unsigned char instruction) {
    switch (instruction) {
      case kMark: stack_.pushMark(); return true;
      case kEmptyTuple: push(Kind::kTuple); return true;
      case kEmptyList: push(Kind::kList); return true;
      case kEmptyDictionary: push(Kind::kDictionary); return true;
      case kEmptySet: push(Kind::kOpaque); return true;
      case kTuple1: pushTuple(stack_.popMany(1)); return true;
      case kTuple2: pushTuple(stack_.popMany(2)); return true;
      case kTuple3: pushTuple(stack_.popMany(3)); return true;
      case kTupleFromMark: pushTuple(stack_.popToMark()); return true;
      case kFrozenSet: stack_.popToMark(), push(Kind::kOpaque); return true;
      case kAddItems: stack_.popToMark(), stack_.top(); return true;
      case kAppend: append(stack_.popMany(1)); return true;
      case kAppends: append(stack_.popToMark()); return true;
      case kSetItem: setItems(stack_.popMany(2)); return true;
      case kSetItems: setItems(stack_.popToMark()); return true;
      default: return false;
    }
  }

  bool readMemo(unsigned char instruction) {
    switch (instruction) {
      case kProtocol: checkProtocol(reader_.read<std::uint8_t>()); return true;
      // A frame only says how much a reader may buffer.
      case kFrame: reader_.read<std::uint64_t>(); return true;
      case kPop: stack_.popValueOrMark(); return true;
      case kPopMark: stack_.popToMark(); return true;
      case kDup: stack_.push(stack_.top()); return true;
      case kBinPut: remember(reader_.read<std::uint8_t>()); return true;
      case kLongBinPut: remember(reader_.read<std::uint32_t>()); return true;
      case kMemoize: remember(static_cast<std::uint32_t>(memo_.size())); return true;
      case kBinGet: pushMemo(reader_.read<std::uint8_t>()); return true;
      case kLongBinGet: pushMemo(reader_.read<std::uint32_t>()); return true;
      default: return false;
    }
  }
  // clang-format on

  bool readObject(unsigned char instruction) {
    switch (instruction) {
      case kGlobal: {
        const std::string_view module = reader_.takeLine();
        pushGlobal(module, reader_.takeLine());
        return true;
      }
      case kStackGlobal: {
        const std::vector<PickleIndex> names = stack_.popMany(2);
        pushGlobal(textOf(names[0], "module name"), textOf(names[1], "name"));
        return true;
      }
      case kReduce:
      case kNewObject: {
        const std::vector<PickleIndex> call = stack_.popMany(2);
        stack_.push(construct(call[0], argumentsOf(call[1])));
        return true;
      }
      case kNewObjectWithKeywords: {
        const std::vector<PickleIndex> call = stack_.popMany(3);
        stack_.push(construct(call[0], argumentsOf(call[1])));
        return true;
      }
      // The state of an object (an OrderedDict's _metadata, a Namespace's fields) holds no weights.
      case kBuild:
        stack_.pop(), stack_.top();
        return true;
      case kBinPersistentId:
        pushStorage(stack_.pop());
        return true;
      // Protocols 0 and 1 only; read far enough to name what it would have called.
      case kInstance: {
        const std::string_view module = reader_.takeLine();
        pushGlobal(module, reader_.takeLine());
        return false;
      }
      default:
        return false;
    }
  }

  // ---- values

  PickleValue& push(Kind kind) {
    const PickleIndex index = create(kind);
    stack_.push(index);
    return pickle_.values[index];
  }

  PickleIndex create(Kind kind) {
    checkPickleRoom(pickle_.values.size());
    pickle_.values.emplace_back().kind = kind;
    return static_cast<PickleIndex>(pickle_.values.size() - 1);
  }

  void pushInteger(Kind kind, std::int64_t integer) { push(kind).integer = integer; }

  void pushLong(std::string_view digits) {
    if (digits.size() > 8) {
      push(Kind::kBigInteger).text = digits;
      return;
    }
    std::uint64_t bits = !digits.empty() && (digits.back() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    for (std::size_t i = digits.size(); i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(digits[i]);
    pushInteger(Kind::kInteger, static_cast<std::int64_t>(bits));
  }

  void pushFloat() {
    std::uint64_t bits = 0;  // the only big-endian number of the format
    for (const char byte : reader_.takeText(8)) bits = bits << 8 | static_cast<unsigned char>(byte);
    push(Kind::kFloat).number = std::bit_cast<double>(bits);
  }

  void pushText(Kind kind, std::uint64_t length) {
    const std::string_view text = reader_.takeText(length);
    push(kind).text = text;
  }

  void pushTuple(std::vector<PickleIndex> items) { push(Kind::kTuple).items = std::move(items); }

  void remember(std::uint32_t key) {
    checkPickleRoom(memo_.size());
    memo_[key] = stack_.top();
  }

  void pushMemo(std::uint32_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) failCorrupt(fmt::format("The pickle recalls value {}, which it never stored.", key));
    stack_.push(found->second);
  }

  // ---- containers

  void append(const std::vector<PickleIndex>& items) { extend(stack_.top(), Kind::kList, items); }

  void setItems(const std::vector<PickleIndex>& items) {
    if (items.size() % 2 != 0) failCorrupt("The pickle sets a dictionary's key without a value.");
    extend(stack_.top(), Kind::kDictionary, items);
  }

  // Objects that are skipped may be filled, too (an EasyDict is set like a dictionary): their content is dropped.
  void extend(PickleIndex target, Kind kind, const std::vector<PickleIndex>& items) {
    PickleValue& value = pickle_.values[target];
    if (value.kind == Kind::kOpaque) return;
    if (value.kind != kind) failCorrupt("The pickle fills a value that is not a container.");
    copies_ += items.size();
    if (copies_ > kMaximumCopies) failTooLarge("The pickle copies lists over and over.");
    value.items.insert(value.items.end(), items.begin(), items.end());
  }

  // ---- names and what they construct

  void pushGlobal(std::string_view module, std::string_view name) {
    const std::string full_name = fmt::format("{}.{}", module, name);
    const KnownGlobal* global = findGlobal(full_name);
    if (global == nullptr) refuseGlobal(full_name, stack_.empty());
    push(Kind::kGlobal).global = global;
  }

  std::string_view textOf(PickleIndex index, std::string_view what) const {
    const PickleValue& value = pickle_.at(index);
    if (value.kind != Kind::kText) failCorrupt(fmt::format("The pickle gives a {} that is not text.", what));
    return value.text;
  }

  const std::vector<PickleIndex>& argumentsOf(PickleIndex index) const {
    const PickleValue& value = pickle_.at(index);
    if (value.kind != Kind::kTuple) failCorrupt("The pickle gives arguments that are not a tuple.");
    return value.items;
  }

  PickleIndex construct(PickleIndex callee, std::vector<PickleIndex> arguments) {
    if (pickle_.at(callee).kind != Kind::kGlobal) failCorrupt("The pickle calls a value that is not a name.");
    const KnownGlobal& global = *pickle_.at(callee).global;
    const auto require = [&](std::size_t count) {
      if (arguments.size() < count) {
        failCorrupt(
            fmt::format("The pickle gives {} arguments to {}, which needs {}.", arguments.size(), global.name, count));
      }
    };
    switch (global.role) {
      case GlobalRole::kDictionary:
        return constructDictionary(arguments);
      case GlobalRole::kTuple:
      case GlobalRole::kRebuildParameter:
        require(1);
        return arguments[0];
      case GlobalRole::kRebuildTensor:
        require(4);
        return constructTensor({arguments.begin(), arguments.begin() + 4});
      case GlobalRole::kRebuildTensorV3:
        require(7);
        return constructTensor({arguments[0], arguments[1], arguments[2], arguments[3], arguments[6]});
      case GlobalRole::kRebuildFromType: {
        require(4);
        const PickleValue& function = pickle_.at(arguments[0]);
        const bool nested = function.kind == Kind::kGlobal && function.global->role == GlobalRole::kRebuildFromType;
        if (nested) failCorrupt("The pickle nests _rebuild_from_type_v2.");
        return construct(arguments[0], argumentsOf(arguments[2]));
      }
      case GlobalRole::kPlain:
        return create(Kind::kOpaque);
      case GlobalRole::kForeign:
        reportIgnored(global.name);
        return create(Kind::kOpaque);
      case GlobalRole::kStorageType:
      case GlobalRole::kElementType:
      case GlobalRole::kTensorClass:
        break;
    }
    failCorrupt(fmt::format("The pickle calls {}, which is not a function.", global.name));
  }

  // From nothing, from another dictionary or from a list of pairs; a defaultdict's factory is skipped.
  PickleIndex constructDictionary(const std::vector<PickleIndex>& arguments) {
    const PickleIndex dictionary = create(Kind::kDictionary);
    for (const PickleIndex argument : arguments) {
      const PickleValue& source = pickle_.at(argument);
      if (source.kind == Kind::kDictionary) extend(dictionary, Kind::kDictionary, std::vector(source.items));
      if (source.kind != Kind::kList) continue;
      for (const PickleIndex index : std::vector(source.items)) {
        const PickleValue& pair = pickle_.at(index);
        const bool fits = (pair.kind == Kind::kTuple || pair.kind == Kind::kList) && pair.items.size() == 2;
        if (!fits) failCorrupt("The pickle makes a dictionary of something else than pairs.");
        extend(dictionary, Kind::kDictionary, std::vector(pair.items));
      }
    }
    return dictionary;
  }

  PickleIndex constructTensor(std::vector<PickleIndex> parts) {
    const PickleIndex tensor = create(Kind::kTensor);
    pickle_.values[tensor].items = std::move(parts);
    return tensor;
  }

  void pushStorage(PickleIndex id) {
    const std::vector<PickleIndex> parts = argumentsOf(id);
    const std::string_view kind = parts.empty() ? std::string_view() : textOf(parts[0], "kind of storage");
    // ("module", class, file, source): how the old format spells a network that was saved whole.
    if (kind == "module" && parts.size() >= 2 && pickle_.at(parts[1]).kind == Kind::kGlobal)
      refuseGlobal(pickle_.at(parts[1]).global->name, true);
    if (kind != "storage" || parts.size() < 5) failCorrupt("The pickle refers to data outside that is not a storage.");
    push(Kind::kStorage).items = parts;
  }

  void reportIgnored(std::string_view name) {
    auto& ignored = pickle_.ignored_classes;
    if (std::ranges::find(ignored, name) == ignored.end()) ignored.emplace_back(name);
  }

  // ---- refusals

  void checkProtocol(int protocol) const {
    if (protocol > kNewestProtocol) {
      failUnsupported(fmt::format("The pickle has protocol {}; ocrdet reads 2 to {}.", protocol, kNewestProtocol),
                      "Save it with torch.save(…, pickle_protocol=2).");
    }
  }

  [[noreturn]] void refuseInstruction(unsigned char instruction) const {
    failCorrupt(fmt::format("The pickle has the instruction 0x{:02x} at position {}, which no checkpoint needs.",
                            instruction, reader_.position() - 1));
  }

  ByteReader& reader_;
  Pickle pickle_;
  PickleStack stack_;
  std::unordered_map<std::uint32_t, PickleIndex> memo_;
  std::size_t copies_ = 0;
};

}  // namespace

Pickle parsePickle(ByteReader& reader) {
  return Interpreter(reader).run();
}

}  // namespace ocrdet
