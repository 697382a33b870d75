// Rules follow the ONNX operator definitions, opsets 11 to 17. Graphs may come from foreign files, so that attributes
// are checked before they are used in arithmetic: lengths, strides and pads stay within kLargestLength.
#include "graph/operator_shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "graph/element_type.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

using Integers = std::vector<std::int64_t>;

constexpr std::int64_t kLargestLength = std::int64_t{1} << 31;
constexpr std::size_t kMostIntegers = 64;  // no operator takes more axes, pads or sizes than this
constexpr std::size_t kMostAxes = 16;

// A node with its inputs, and the questions that rules ask about them.
struct Call {
  const Node& node;
  std::span<const KnownValue* const> inputs;

  [[noreturn]] void fail(std::string_view why) const {
    std::string shapes;
    for (const KnownValue* input : inputs)
      shapes += (shapes.empty() ? "" : ", ") + (input == nullptr ? std::string("none") : toText(input->type.shape));
    throw Error(
        Problem{&codes::kGraphShapeMismatch,
                fmt::format("The node '{}' ({}) cannot take inputs of {}: {}.", node.name, node.op, shapes, why),
                "The input size breaks the size contract, or the model file is wrong."});
  }

  const KnownValue* optional(std::size_t index) const { return index < inputs.size() ? inputs[index] : nullptr; }

  const KnownValue& input(std::size_t index) const {
    if (optional(index) == nullptr) fail(fmt::format("input {} is missing", index));
    return *inputs[index];
  }

  const TensorShape& shape(std::size_t index) const { return input(index).type.shape; }

  const TensorShape& map(std::size_t index) const {
    if (shape(index).size() != 4) fail("a map needs four axes, N, C, H and W");
    return shape(index);
  }

  const Integers& integers(std::size_t index) const {
    if (!input(index).integers) fail(fmt::format("input {} is not known before the graph runs", index));
    return *inputs[index]->integers;
  }

  template <typename T>
  T attribute(const char* key, T otherwise) const {
    const auto found = node.attributes.find(key);
    if (found == node.attributes.end()) return otherwise;
    const T* value = std::get_if<T>(&found->second);
    if (value == nullptr) fail(fmt::format("the attribute {} has another type", key));
    return *value;
  }

  // A list of `size` whole numbers, each between `lowest` and kLargestLength.
  Integers list(const char* key, std::size_t size, std::int64_t otherwise, std::int64_t lowest) const {
    Integers values = attribute(key, Integers(size, otherwise));
    if (values.size() != size) fail(fmt::format("the attribute {} has {} numbers", key, values.size()));
    for (const std::int64_t value : values)
      if (value < lowest || value > kLargestLength) fail(fmt::format("the attribute {} has {}", key, value));
    return values;
  }

  // A checked result: every length within bounds, the number of elements as well.
  KnownValue result(DType dtype, TensorShape result_shape) const {
    for (const std::int64_t length : result_shape)
      if (length < 0 || length > kLargestLength) fail(fmt::format("the result would be {}", toText(result_shape)));
    const auto count = elementCount(result_shape);
    if (result_shape.size() > kMostAxes || !count || *count > kLargestLength * 64)
      fail(fmt::format("the result would be {}", toText(result_shape)));
    return {{dtype, std::move(result_shape)}, std::nullopt, nullptr};
  }
};

KnownValue inferSame(const Call& call) {
  return call.result(call.input(0).type.dtype, call.shape(0));
}

KnownValue inferNegative(const Call& call) {
  KnownValue value = inferSame(call);
  if (const auto& integers = call.input(0).integers) {
    value.integers = integers;
    for (std::int64_t& number : *value.integers) number = std::clamp(-number, -kLargestLength, kLargestLength);
  }
  return value;
}

KnownValue inferCast(const Call& call) {
  const auto dtype = dtypeOfOnnxElementType(call.attribute<std::int64_t>("to", 0));
  if (!dtype) call.fail("the attribute to is not a type that tensors here can have");
  return call.result(*dtype, call.shape(0));
}

TensorShape broadcast(const Call& call) {
  const TensorShape& a = call.shape(0);
  const TensorShape& b = call.shape(1);
  TensorShape shape(std::max(a.size(), b.size()));
  for (std::size_t back = 1; back <= shape.size(); ++back) {
    const std::int64_t of_a = back <= a.size() ? a[a.size() - back] : 1;
    const std::int64_t of_b = back <= b.size() ? b[b.size() - back] : 1;
    if (of_a != of_b && of_a != 1 && of_b != 1)
      call.fail(fmt::format("{} against {} at dimension {}", of_a, of_b, shape.size() - back));
    shape[shape.size() - back] = of_a == 1 ? of_b : of_a;
  }
  return shape;
}

KnownValue inferBroadcast(const Call& call) {
  if (call.input(0).type.dtype != call.input(1).type.dtype) call.fail("the two have different types");
  return call.result(call.input(0).type.dtype, broadcast(call));
}

// Mod of whole numbers takes the divisor's sign, as in Python.
KnownValue inferModulo(const Call& call) {
  KnownValue value = inferBroadcast(call);
  const auto& a = call.input(0).integers;
  const auto& b = call.input(1).integers;
  if (!a || !b || a->size() != b->size()) return value;
  value.integers = Integers(a->size());
  for (std::size_t i = 0; i < a->size(); ++i) {
    const std::int64_t divisor = (*b)[i];
    if (divisor < 1) call.fail("the divisor is not positive");
    (*value.integers)[i] = ((*a)[i] % divisor + divisor) % divisor;
  }
  return value;
}

struct Window {
  Integers kernel, strides, dilations, pads;

  std::int64_t extent(std::size_t axis) const { return dilations[axis] * (kernel[axis] - 1) + 1; }
  std::int64_t padding(std::size_t axis) const { return pads[axis] + pads[axis + 2]; }
};

Window windowOf(const Call& call, Integers kernel_default) {
  if (call.attribute<std::string>("auto_pad", "NOTSET") != "NOTSET") call.fail("auto_pad is not supported");
  Window window;
  window.kernel =
      call.node.attributes.contains("kernel_shape") ? call.list("kernel_shape", 2, 1, 1) : std::move(kernel_default);
  if (window.kernel.size() != 2) call.fail("kernel_shape is missing");
  window.strides = call.list("strides", 2, 1, 1);
  window.dilations = call.list("dilations", 2, 1, 1);
  window.pads = call.list("pads", 4, 0, 0);
  for (const std::size_t axis : {0u, 1u})
    if (window.dilations[axis] * window.kernel[axis] > kLargestLength) call.fail("the kernel is too large");
  return window;
}

std::int64_t slidSize(const Call& call, const Window& window, std::size_t axis, std::int64_t length, bool round_up) {
  const std::int64_t room = length + window.padding(axis) - window.extent(axis);
  if (room < 0) call.fail("the kernel is larger than the padded map");
  return (room + (round_up ? window.strides[axis] - 1 : 0)) / window.strides[axis] + 1;
}

KnownValue inferConv(const Call& call) {
  const TensorShape& map = call.map(0);
  const TensorShape& weight = call.map(1);
  const std::int64_t group = call.attribute<std::int64_t>("group", 1);
  if (group < 1 || weight[1] > kLargestLength || group > kLargestLength || map[1] != weight[1] * group)
    call.fail("the weights are for another number of channels");
  const Window window = windowOf(call, {weight[2], weight[3]});
  return call.result(call.input(0).type.dtype, {map[0], weight[0], slidSize(call, window, 0, map[2], false),
                                                slidSize(call, window, 1, map[3], false)});
}

KnownValue inferConvTranspose(const Call& call) {
  const TensorShape& map = call.map(0);
  const TensorShape& weight = call.map(1);
  if (call.attribute<std::int64_t>("group", 1) != 1 || map[1] != weight[0])
    call.fail("the weights are for another number of channels");
  const Window window = windowOf(call, {weight[2], weight[3]});
  const Integers extra = call.list("output_padding", 2, 0, 0);
  if (call.node.attributes.contains("output_shape")) call.fail("output_shape is not supported");
  TensorShape shape{map[0], weight[1], 0, 0};
  for (const std::size_t axis : {0u, 1u}) {
    if (map[axis + 2] > kLargestLength / window.strides[axis]) call.fail("the result would be too large");
    shape[axis + 2] =
        window.strides[axis] * (map[axis + 2] - 1) + extra[axis] + window.extent(axis) - window.padding(axis);
  }
  return call.result(call.input(0).type.dtype, shape);
}

KnownValue inferMaxPool(const Call& call) {
  const TensorShape& map = call.map(0);
  const Window window = windowOf(call, {});
  const bool round_up = call.attribute<std::int64_t>("ceil_mode", 0) != 0;
  return call.result(call.input(0).type.dtype, {map[0], map[1], slidSize(call, window, 0, map[2], round_up),
                                                slidSize(call, window, 1, map[3], round_up)});
}

KnownValue inferBatchNormalization(const Call& call) {
  const std::int64_t channels = call.map(0)[1];
  for (const std::size_t statistic : {1u, 2u, 3u, 4u})
    if (call.shape(statistic) != TensorShape{channels}) call.fail("the statistics are for another number of channels");
  return inferSame(call);
}

KnownValue inferResize(const Call& call) {
  const TensorShape& in = call.shape(0);
  TensorShape shape = in;
  if (call.optional(3) != nullptr) {
    shape = call.integers(3);
    if (shape.size() != in.size()) call.fail("sizes has another number of axes");
    return call.result(call.input(0).type.dtype, shape);
  }
  const Initialiser* scales = call.input(2).constant;
  if (scales == nullptr || scales->dtype != DType::kFloat32 || scales->bytes.size() != in.size() * sizeof(float))
    call.fail("scales is not a constant with one float32 per axis");
  for (std::size_t axis = 0; axis < in.size(); ++axis) {
    float scale = 0;
    std::memcpy(&scale, scales->bytes.data() + axis * sizeof(float), sizeof(float));
    const double length = std::floor(static_cast<double>(in[axis]) * static_cast<double>(scale));
    if (!(length >= 0 && length <= static_cast<double>(kLargestLength))) call.fail("a scale is out of range");
    shape[axis] = static_cast<std::int64_t>(length);
  }
  return call.result(call.input(0).type.dtype, shape);
}

std::size_t axisOf(const Call& call, std::int64_t axis, std::size_t rank) {
  const std::int64_t signed_rank = static_cast<std::int64_t>(rank);
  if (axis < -signed_rank || axis >= signed_rank) call.fail(fmt::format("there is no axis {}", axis));
  return static_cast<std::size_t>(axis < 0 ? axis + signed_rank : axis);
}

// The contents of joined one-dimensional tensors, when all are known.
std::optional<Integers> joinedIntegers(const Call& call) {
  Integers joined;
  for (const KnownValue* input : call.inputs) {
    if (!input->integers || input->type.shape.size() != 1) return std::nullopt;
    for (const std::int64_t number : *input->integers) joined.push_back(number);
  }
  if (joined.size() > kMostIntegers) return std::nullopt;
  return joined;
}

KnownValue inferConcat(const Call& call) {
  TensorShape shape = call.shape(0);
  const std::size_t axis = axisOf(call, call.attribute<std::int64_t>("axis", 0), shape.size());
  for (std::size_t i = 1; i < call.inputs.size(); ++i) {
    TensorShape other = call.shape(i);
    if (other.size() != shape.size()) call.fail("the numbers of axes differ");
    const std::int64_t added = std::exchange(other[axis], shape[axis]);
    if (other != shape || added > kLargestLength) call.fail("the lengths of the other axes differ");
    shape[axis] += added;
  }
  KnownValue value = call.result(call.input(0).type.dtype, shape);
  value.integers = joinedIntegers(call);
  return value;
}

KnownValue inferTranspose(const Call& call) {
  const TensorShape& in = call.shape(0);
  Integers reversed(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) reversed[i] = static_cast<std::int64_t>(in.size() - 1 - i);
  const Integers order = call.attribute("perm", reversed);
  if (!std::is_permutation(order.begin(), order.end(), reversed.begin(), reversed.end()))
    call.fail("perm is not a permutation of the axes");
  TensorShape shape;
  for (const std::int64_t axis : order) shape.push_back(in[static_cast<std::size_t>(axis)]);
  return call.result(call.input(0).type.dtype, shape);
}

KnownValue inferPad(const Call& call) {
  TensorShape shape = call.shape(0);
  const Integers& pads = call.integers(1);
  if (pads.size() != 2 * shape.size()) call.fail("pads needs two numbers per axis");
  for (std::size_t axis = 0; axis < shape.size(); ++axis)
    for (const std::int64_t pad : {pads[axis], pads[axis + shape.size()]}) {
      if (pad < -kLargestLength || pad > kLargestLength) call.fail("a pad is out of range");
      shape[axis] += pad;
    }
  return call.result(call.input(0).type.dtype, shape);
}

KnownValue inferSlice(const Call& call) {
  TensorShape shape = call.shape(0);
  const Integers& starts = call.integers(1);
  const Integers& ends = call.integers(2);
  Integers axes(starts.size());
  for (std::size_t i = 0; i < axes.size(); ++i) axes[i] = static_cast<std::int64_t>(i);
  if (call.optional(3) != nullptr) axes = call.integers(3);
  if (call.optional(4) != nullptr)
    for (const std::int64_t step : call.integers(4))
      if (step != 1) call.fail("steps other than 1 are not supported");
  if (axes.size() != starts.size() || ends.size() != starts.size()) call.fail("starts, ends and axes differ in length");
  for (std::size_t i = 0; i < axes.size(); ++i) {
    std::int64_t& length = shape[axisOf(call, axes[i], shape.size())];
    const auto clip = [&](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + length : at, 0, length); };
    length = std::max<std::int64_t>(0, clip(ends[i]) - clip(starts[i]));
  }
  return call.result(call.input(0).type.dtype, shape);
}

KnownValue inferShapeOperator(const Call& call) {
  if (call.node.attributes.contains("start") || call.node.attributes.contains("end"))
    call.fail("start and end are not supported");
  const TensorShape& in = call.shape(0);
  KnownValue value = call.result(DType::kInt64, {static_cast<std::int64_t>(in.size())});
  value.integers = in;
  return value;
}

using Rule = KnownValue (*)(const Call&);

const std::unordered_map<std::string_view, Rule> kRules = {
    {"Add", inferBroadcast},       {"BatchNormalization", inferBatchNormalization},
    {"Cast", inferCast},           {"Concat", inferConcat},
    {"Conv", inferConv},           {"ConvTranspose", inferConvTranspose},
    {"Div", inferBroadcast},       {"MaxPool", inferMaxPool},
    {"Mod", inferModulo},          {"Mul", inferBroadcast},
    {"Neg", inferNegative},        {"Pad", inferPad},
    {"Relu", inferSame},           {"Resize", inferResize},
    {"Shape", inferShapeOperator}, {"Sigmoid", inferSame},
    {"Slice", inferSlice},         {"Sub", inferBroadcast},
    {"Transpose", inferTranspose},
};

}  // namespace

KnownValue inferNode(const Node& node, std::span<const KnownValue* const> inputs) {
  const auto rule = kRules.find(node.op);
  if (rule == kRules.end())
    throw Error(Problem{&codes::kGraphUnsupportedOperator,
                        fmt::format("There is no shape rule for the operator {} of the node '{}'.", node.op, node.name),
                        "Shapes, FLOPs and memory are predicted for the operators that ocrdet writes."});
  return rule->second(Call{node, inputs});
}

std::optional<Integers> smallIntegers(const Initialiser& constant) {
  const std::size_t width = byteSize(constant.dtype);
  const std::size_t count = constant.bytes.size() / width;
  if (constant.shape.size() > 1 || count > kMostIntegers) return std::nullopt;
  Integers values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* at = constant.bytes.data() + i * width;
    if (constant.dtype == DType::kInt64) {
      std::memcpy(&values[i], at, width);
    } else if (constant.dtype == DType::kInt32) {
      std::int32_t value = 0;
      std::memcpy(&value, at, width);
      values[i] = value;
    } else {
      return std::nullopt;
    }
  }
  return values;
}

}  // namespace ocrdet
