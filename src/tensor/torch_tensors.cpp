#include "tensor/torch_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "tensor/checkpoint_errors.h"

namespace ocrdet {
namespace {

constexpr int kMaximumDepth = 32;
constexpr std::size_t kMaximumTensors = 65'536;
constexpr std::size_t kMaximumPathLength = 1024;
// Visits count every path to a value: lists that hold each other twice would have exponentially many.
constexpr std::size_t kMaximumVisits = 1'000'000;
constexpr std::size_t kMaximumRank = 64;
// A tensor may repeat the elements of its storage (stride 0), but not without end: up to 64 MB of float32.
constexpr std::int64_t kMaximumRepeated = std::int64_t{1} << 24;

using Kind = PickleValue::Kind;

std::uint64_t nonNegative(const Pickle& pickle, PickleIndex index, std::string_view what) {
  const PickleValue& value = pickle.at(index);
  if (value.kind != Kind::kInteger || value.integer < 0)
    failCorrupt(fmt::format("A tensor's {} is not a whole number of at least 0.", what));
  return static_cast<std::uint64_t>(value.integer);
}

std::vector<std::int64_t> numbers(const Pickle& pickle, PickleIndex index, std::string_view what) {
  const PickleValue& value = pickle.at(index);
  if (value.kind != Kind::kTuple && value.kind != Kind::kList)
    failCorrupt(fmt::format("A tensor's {} is not a list of numbers.", what));
  if (value.items.size() > kMaximumRank) failTooLarge(fmt::format("A tensor has {} dimensions.", value.items.size()));
  std::vector<std::int64_t> result;
  for (const PickleIndex item : value.items)
    result.push_back(static_cast<std::int64_t>(nonNegative(pickle, item, what)));
  return result;
}

std::uint64_t bytesOf(std::uint64_t count, std::uint64_t element_size) {
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(count, element_size, &bytes))
    failTooLarge(fmt::format("A storage of {} elements does not fit into any memory.", count));
  return bytes;
}

StorageReference storageReference(const Pickle& pickle, const PickleValue& value) {
  const PickleValue& type = pickle.at(value.items[1]);
  const PickleValue& key = pickle.at(value.items[2]);
  if (type.kind != Kind::kGlobal || type.global->role != GlobalRole::kStorageType || key.kind != Kind::kText)
    failCorrupt("The pickle refers to a storage without a type or a key.");
  StorageReference reference;
  reference.key = key.text;
  reference.dtype = type.global->dtype;
  const std::uint64_t element_size = reference.dtype ? byteSize(*reference.dtype) : 1;
  reference.byte_size = bytesOf(nonNegative(pickle, value.items[4], "storage size"), element_size);
  if (value.items.size() > 5 && pickle.at(value.items[5]).kind == Kind::kTuple) {
    // (key of the view, offset, size): PyTorch before 1.0 saved storages that look into others.
    const std::vector<PickleIndex>& view = pickle.at(value.items[5]).items;
    if (view.size() != 3) failCorrupt("The pickle refers to a part of a storage without saying which.");
    reference.view_offset = bytesOf(nonNegative(pickle, view[1], "storage offset"), element_size);
    reference.view_size = bytesOf(nonNegative(pickle, view[2], "storage size"), element_size);
  }
  return reference;
}

class Collector {
 public:
  Collector(const Pickle& pickle, const StorageLoader& load) : pickle_(pickle), load_(load) {}

  std::vector<NamedTensor> run() {
    visit(pickle_.root, "", 0);
    return std::move(tensors_);
  }

 private:
  void visit(PickleIndex index, const std::string& path, int depth) {
    if (++visits_ > kMaximumVisits)
      failTooLarge(fmt::format("The file nests its values in more than {} ways.", visits_ - 1));
    const PickleValue& value = pickle_.at(index);
    switch (value.kind) {
      case Kind::kTensor:
        add(index, path);
        break;
      case Kind::kTuple:
      case Kind::kList:
        for (std::size_t i = 0; i < value.items.size(); ++i) descend(value.items[i], path, std::to_string(i), depth);
        break;
      case Kind::kDictionary:
        for (std::size_t i = 0; i + 1 < value.items.size(); i += 2)
          descend(value.items[i + 1], path, keyText(pickle_.at(value.items[i]), i / 2), depth);
        break;
      default:
        break;
    }
  }

  void descend(PickleIndex index, const std::string& path, const std::string& key, int depth) {
    const Kind kind = pickle_.at(index).kind;
    if (kind != Kind::kTensor && kind != Kind::kTuple && kind != Kind::kList && kind != Kind::kDictionary) return;
    if (depth == kMaximumDepth)
      failTooLarge(fmt::format("The file nests its values more than {} deep.", kMaximumDepth));
    if (path.size() + key.size() > kMaximumPathLength)
      failTooLarge(fmt::format("A tensor's name has more than {} characters.", kMaximumPathLength));
    visit(index, depth == 0 ? key : path + "/" + key, depth + 1);
  }

  static std::string keyText(const PickleValue& key, std::size_t position) {
    if (key.kind == Kind::kText) return std::string(key.text);
    if (key.kind == Kind::kInteger) return std::to_string(key.integer);
    return fmt::format("item{}", position);
  }

  void add(PickleIndex index, const std::string& path) {
    if (tensors_.size() == kMaximumTensors)
      failTooLarge(fmt::format("The file has more than {} tensors.", kMaximumTensors));
    auto known = built_.find(index);
    if (known == built_.end()) known = built_.emplace(index, build(pickle_.at(index), path)).first;
    tensors_.push_back({path, known->second});
  }

  Tensor build(const PickleValue& value, const std::string& path) {
    const PickleValue& storage = pickle_.at(value.items[0]);
    if (storage.kind != Kind::kStorage) failCorrupt(fmt::format("The tensor {} has no storage.", inQuotes(path)));
    const StorageReference reference = storageReference(pickle_, storage);
    Tensor tensor;
    tensor.dtype = elementType(value, reference, path);
    tensor.offset = static_cast<std::int64_t>(nonNegative(pickle_, value.items[1], "offset"));
    tensor.shape = numbers(pickle_, value.items[2], "shape");
    tensor.strides = numbers(pickle_, value.items[3], "strides");
    const std::uint64_t bytes = reference.view_size.value_or(reference.byte_size);
    checkRange(tensor, static_cast<std::int64_t>(bytes / byteSize(tensor.dtype)), path);
    tensor.storage = loadOnce(reference);
    return tensor;
  }

  DType elementType(const PickleValue& value, const StorageReference& reference, const std::string& path) const {
    if (value.items.size() > 4) {
      const PickleValue& type = pickle_.at(value.items[4]);
      if (type.kind == Kind::kGlobal && type.global->role == GlobalRole::kElementType) return *type.global->dtype;
    } else if (reference.dtype) {
      return *reference.dtype;
    }
    failCorrupt(fmt::format("The tensor {} has no element type.", inQuotes(path)));
  }

  // Every element must lie within the `available` ones; all arithmetic is checked, for the numbers are the file's.
  static void checkRange(const Tensor& tensor, std::int64_t available, const std::string& path) {
    if (tensor.strides.size() != tensor.shape.size()) {
      failCorrupt(fmt::format("The tensor {} has {} dimensions, but {} strides.", inQuotes(path), tensor.shape.size(),
                              tensor.strides.size()));
    }
    const std::optional<std::int64_t> count = elementCount(tensor.shape);
    if (!count || *count > std::max(available, kMaximumRepeated)) {
      failTooLarge(fmt::format("The tensor {} claims the shape {}, but its storage has {} elements.", inQuotes(path),
                               toText(tensor.shape), available));
    }
    if (*count == 0) return;
    std::int64_t last = tensor.offset;
    bool overflow = false;
    for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis) {
      std::int64_t span = 0;
      overflow = __builtin_mul_overflow(tensor.shape[axis] - 1, tensor.strides[axis], &span) || overflow;
      overflow = __builtin_add_overflow(last, span, &last) || overflow;
    }
    if (overflow || last >= available) {
      failCorrupt(fmt::format("The tensor {} of shape {} reaches beyond its storage of {} elements.", inQuotes(path),
                              toText(tensor.shape), available));
    }
  }

  Storage loadOnce(const StorageReference& reference) {
    const std::size_t element_size = reference.dtype ? byteSize(*reference.dtype) : 1;
    // Views of the old format are few: they are looked up by their place, too.
    auto key = std::make_tuple(reference.key, element_size, reference.byte_size, reference.view_offset,
                               reference.view_size.value_or(reference.byte_size));
    auto known = storages_.find(key);
    if (known == storages_.end()) known = storages_.emplace(std::move(key), load_(reference)).first;
    return known->second;
  }

  const Pickle& pickle_;
  const StorageLoader& load_;
  std::vector<NamedTensor> tensors_;
  std::unordered_map<PickleIndex, Tensor> built_;
  std::map<std::tuple<std::string, std::size_t, std::uint64_t, std::uint64_t, std::uint64_t>, Storage> storages_;
  std::size_t visits_ = 0;
};

}  // namespace

std::vector<StorageReference> storageReferences(const Pickle& pickle) {
  std::vector<StorageReference> references;
  for (const PickleValue& value : pickle.values)
    if (value.kind == Kind::kStorage) references.push_back(storageReference(pickle, value));
  return references;
}

std::vector<NamedTensor> collectTensors(const Pickle& pickle, const StorageLoader& load) {
  return Collector(pickle, load).run();
}

}  // namespace ocrdet
