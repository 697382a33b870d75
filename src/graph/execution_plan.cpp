#include "graph/execution_plan.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace ocrdet {
namespace {

// How an operator treats layout and buffers. Operators that are not listed take the plain layout and a buffer of their
// own.
struct OperatorTrait {
  const char* op;
  bool keeps_blocked;  // has a kernel for the blocked layout
  bool in_place;       // may write its output over a dead input of the same size
  bool alias;          // the output is the input under another shape
};

constexpr OperatorTrait kTraits[] = {
    {"Conv", true, false, false},     {"MaxPool", true, false, false},   {"Concat", true, false, false},
    {"Resize", true, false, false},   {"Add", true, true, false},        {"Mul", true, true, false},
    {"Relu", true, true, false},      {"Sigmoid", true, true, false},    {"Sub", false, true, false},
    {"Div", false, true, false},      {"Clip", false, true, false},      {"Reshape", false, false, true},
    {"Squeeze", false, false, true},  {"Unsqueeze", false, false, true}, {"Flatten", false, false, true},
    {"Identity", false, false, true},
};
constexpr OperatorTrait kPlain{"", false, false, false};

const OperatorTrait& traitOf(const std::string& op) {
  for (const OperatorTrait& trait : kTraits) {
    if (op == trait.op) return trait;
  }
  return kPlain;
}

// The narrowest vector layout has blocks of 8 channels; narrower maps stay plain.
constexpr std::int64_t kSmallestBlock = 8;

// ONNX Runtime does not keep the file's order. It walks back from the outputs, and a node runs when all its inputs
// have; of several inputs, the one that stands first in the file is followed first.
class RunOrder {
 public:
  explicit RunOrder(const Graph& graph) : graph_(graph), state_(graph.nodes.size(), kUnseen) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      for (const std::string& output : graph.nodes[i].outputs) producer_[output] = i;
      for (const std::string& input : graph.nodes[i].inputs) read_.insert(input);
    }
  }

  std::vector<const Node*> run() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const auto& outputs = graph_.nodes[i].outputs;
      const bool leaf = std::none_of(outputs.begin(), outputs.end(),
                                     [&](const std::string& output) { return read_.contains(output); });
      if (leaf) follow(i);
    }
    return std::move(order_);
  }

 private:
  enum State : char { kUnseen, kWaiting, kDone };

  // With a stack of its own: graphs of others may be deeper than the program's.
  void follow(std::size_t leaf) {
    std::vector<std::size_t> stack{leaf};
    while (!stack.empty()) {
      const std::size_t i = stack.back();
      if (state_[i] != kUnseen) {
        stack.pop_back();
        if (state_[i] == kWaiting) order_.push_back(&graph_.nodes[i]);
        state_[i] = kDone;
        continue;
      }
      state_[i] = kWaiting;
      std::vector<std::size_t> before;
      for (const std::string& input : graph_.nodes[i].inputs) {
        const auto found = producer_.find(input);
        if (found != producer_.end() && state_[found->second] == kUnseen) before.push_back(found->second);
      }
      // The last one pushed is followed first.
      std::sort(before.begin(), before.end(), std::greater<>());
      stack.insert(stack.end(), before.begin(), before.end());
    }
  }

  const Graph& graph_;
  std::map<std::string, std::size_t> producer_;
  std::set<std::string> read_;
  std::vector<State> state_;
  std::vector<const Node*> order_;
};

// One step after fusion. `overwritten` is the operand whose buffer the result may take, if it is dead by then.
struct FusedStep {
  const Node* first = nullptr;  // decides operator and workspace
  const Node* last = nullptr;   // gives the result
  std::vector<std::string> reads;
  std::vector<std::string> overwritten;
};

class Fusion {
 public:
  Fusion(const Graph& graph, bool shapes_known) : nodes_(RunOrder(graph).run()), shapes_known_(shapes_known) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      for (const std::string& input : nodes_[i]->inputs) readers_[input].push_back(i);
      for (const std::string& output : nodes_[i]->outputs) producer_[output] = i;
    }
    for (const Value& output : graph.outputs) outputs_.insert(output.name);
  }

  std::vector<FusedStep> run() {
    // From the back: of two convolutions that feed one Add, the later one absorbs it.
    for (std::size_t i = nodes_.size(); i-- > 0;) {
      if (nodes_[i]->op == "Conv") absorbBehind(i);
    }
    std::vector<std::optional<FusedStep>> at(nodes_.size());  // a step runs where its last node stands
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const Node& node = *nodes_[i];
      if (absorbed_.contains(i) || node.outputs.empty()) continue;
      FusedStep step{&node, &node, node.inputs, {}};
      if (traitOf(node.op).in_place) step.overwritten = node.inputs;
      const auto chain = chains_.find(i);
      if (chain == chains_.end()) {
        at[i] = std::move(step);
        continue;
      }
      step.last = nodes_[chain->second.end];
      if (!chain->second.addend.empty()) {
        step.reads.push_back(chain->second.addend);
        step.overwritten = {chain->second.addend};
      }
      at[chain->second.end] = std::move(step);
    }
    std::vector<FusedStep> steps;
    for (std::optional<FusedStep>& step : at) {
      if (step) steps.push_back(std::move(*step));
    }
    return steps;
  }

 private:
  // What a convolution absorbed: its last node, and the other operand of the Add.
  struct Chain {
    std::size_t end;
    std::string addend;
  };

  void absorbBehind(std::size_t convolution) {
    const Node& node = *nodes_[convolution];
    if (node.outputs.empty()) return;
    Chain chain{convolution, {}};
    if (const auto add = onlyReader(node, "Add"); add && !absorbed_.contains(*add) && mayAbsorb(node, *add)) {
      chain.addend = otherOperand(*nodes_[*add], node.outputs.front());
      absorbed_.insert(chain.end = *add);
    }
    if (const auto relu = onlyReader(*nodes_[chain.end], "Relu")) absorbed_.insert(chain.end = *relu);
    if (chain.end != convolution) chains_[convolution] = std::move(chain);
  }

  std::optional<std::size_t> onlyReader(const Node& node, const char* op) const {
    const std::string& value = node.outputs.front();
    const auto readers = readers_.find(value);
    if (outputs_.contains(value) || readers == readers_.end() || readers->second.size() != 1) return std::nullopt;
    const std::size_t reader = readers->second.front();
    return nodes_[reader]->op == op ? std::optional(reader) : std::nullopt;
  }

  static const std::string& otherOperand(const Node& add, const std::string& value) {
    return add.inputs[add.inputs[0] == value ? 1 : 0];
  }

  bool mayAbsorb(const Node& convolution, std::size_t add) const {
    const auto producer = producer_.find(otherOperand(*nodes_[add], convolution.outputs.front()));
    if (producer == producer_.end()) return false;
    return shapes_known_ || nodes_[producer->second]->op != "Resize";
  }

  std::vector<const Node*> nodes_;
  const bool shapes_known_;
  std::map<std::string, std::vector<std::size_t>> readers_;
  std::map<std::string, std::size_t> producer_;
  std::set<std::string> outputs_;
  std::set<std::size_t> absorbed_;
  std::map<std::size_t, Chain> chains_;
};

// Assigns buffers to the results of steps, in the manner of ONNX Runtime's allocation planner.
class Planner {
 public:
  Planner(const Graph& graph, const ValueTable& values, bool shapes_known)
      : values_(values), shapes_known_(shapes_known) {
    for (const Value& output : graph.outputs) outputs_.insert(output.name);
  }

  ExecutionPlan run(std::vector<FusedStep> steps) {
    insertReorders(steps);
    for (const FusedStep& step : steps) {
      for (const std::string& value : step.reads) ++uses_[value];
    }
    for (const std::string& output : outputs_) ++uses_[output];  // by the caller, in the end
    for (const FusedStep& step : steps) plan(step);
    for (const std::string& output : outputs_) {
      if (const auto found = buffer_of_.find(output); found != buffer_of_.end()) {
        plan_.buffers[found->second].last = plan_.steps.size() - 1;
      }
    }
    return std::move(plan_);
  }

 private:
  static std::string reordered(const std::string& value) { return value + " (reordered)"; }

  bool wide(const std::string& value) const {
    const auto found = values_.find(value);
    return found != values_.end() && found->second.shape.size() == 4 && found->second.shape[1] % kSmallestBlock == 0;
  }

  // Steps of the plain layout that read a blocked map get a copy, made once a map.
  void insertReorders(std::vector<FusedStep>& steps) {
    std::set<std::string> blocked, copied;
    std::vector<FusedStep> result;
    for (FusedStep& step : steps) {
      const bool keeps = traitOf(step.first->op).keeps_blocked;
      for (std::string& value : step.reads) {
        if (keeps || !blocked.contains(value)) continue;
        if (copied.insert(value).second) {
          result.push_back({nullptr, step.first, {value}, {}});
          results_.push_back(reordered(value));
        }
        std::replace(step.overwritten.begin(), step.overwritten.end(), value, reordered(value));
        value = reordered(value);
      }
      const std::string& output = step.last->outputs.front();
      const bool starts = step.first->op == "Conv" && wide(output);
      const bool continues = keeps && std::any_of(step.reads.begin(), step.reads.end(),
                                                  [&](const std::string& value) { return blocked.contains(value); });
      if (starts || continues) blocked.insert(output);
      results_.push_back(output);
      result.push_back(std::move(step));
    }
    steps = std::move(result);
  }

  // Buffers are shared among values of equal shape only, not merely of equal size.
  struct Extent {
    TensorShape shape;
    std::int64_t bytes = 0;

    bool operator==(const Extent&) const = default;
  };

  Extent extentOf(const std::string& value) const {
    const std::string suffix = reordered("");
    const auto found = values_.find(value.ends_with(suffix) ? value.substr(0, value.size() - suffix.size()) : value);
    if (found == values_.end()) return {};
    // Kernels for float16 exist on no x86: everything is computed in float32.
    const std::int64_t widened = found->second.dtype == DType::kFloat16 ? 2 : 1;
    return {found->second.shape, byteSize(found->second) * widened};
  }

  // [Cout · kh · kw, h · w] of one picture and group.
  std::int64_t workspaceOf(const FusedStep& step) const {
    if (step.first == nullptr || step.first->op != "ConvTranspose") return 0;
    const TensorShape& input = values_.at(step.first->inputs[0]).shape;
    const TensorShape& weights = values_.at(step.first->inputs[1]).shape;
    std::int64_t elements = 1;
    for (std::size_t axis = 1; axis < weights.size(); ++axis) elements *= weights[axis];
    for (std::size_t axis = 2; axis < input.size(); ++axis) elements *= input[axis];
    return elements * static_cast<std::int64_t>(sizeof(float));
  }

  void plan(const FusedStep& step) {
    const std::size_t index = plan_.steps.size();
    const std::string& result = results_[index];
    const std::size_t buffer = bufferFor(step, result, index);
    plan_.steps.push_back({step.last->name, workspaceOf(step)});
    buffer_of_[result] = buffer;
    remaining_[buffer] += uses_[result];
    for (const std::string& value : step.reads) {
      const auto found = buffer_of_.find(value);
      if (found != buffer_of_.end() && --remaining_[found->second] == 0) release(found->second, value, index);
    }
    if (remaining_[buffer] == 0) release(buffer, result, index);
  }

  void release(std::size_t buffer, const std::string& value, std::size_t index) {
    plan_.buffers[buffer].last = index;
    if (shapes_known_) free_.insert(free_.begin(), {buffer, extentOf(value)});
  }

  std::size_t bufferFor(const FusedStep& step, const std::string& result, std::size_t index) {
    const Extent extent = extentOf(result);
    const bool fresh = outputs_.contains(result);  // the caller's: never shared
    const bool reorder = step.first == nullptr;
    if (!fresh && !reorder && traitOf(step.first->op).alias) {
      if (const auto found = buffer_of_.find(step.reads.front()); found != buffer_of_.end()) return found->second;
    }
    if (!fresh && shapes_known_) {
      for (const std::string& operand : step.overwritten) {
        const auto found = buffer_of_.find(operand);
        if (found == buffer_of_.end()) continue;
        if (remaining_[found->second] == 1 && extentOf(operand) == extent) return found->second;
      }
      const auto same = std::find_if(free_.begin(), free_.end(),
                                     [&](const FreeBuffer& candidate) { return candidate.extent == extent; });
      if (same != free_.end()) {
        const std::size_t buffer = same->buffer;
        free_.erase(same);
        return buffer;
      }
    }
    plan_.buffers.push_back({result, extent.bytes, index, index});
    remaining_.push_back(0);
    return plan_.buffers.size() - 1;
  }

  struct FreeBuffer {
    std::size_t buffer;
    Extent extent;
  };

  const ValueTable& values_;
  const bool shapes_known_;
  std::set<std::string> outputs_;
  std::vector<std::string> results_;  // of each step
  std::map<std::string, int> uses_;   // reads of each value, all told
  std::map<std::string, std::size_t> buffer_of_;
  std::vector<int> remaining_;    // reads of each buffer that are still to come
  std::vector<FreeBuffer> free_;  // the last one freed first
  ExecutionPlan plan_;
};

// A free batch alone leaves shapes comparable, because its name is carried along.
bool shapesKnown(const Graph& graph) {
  for (const Value& input : graph.inputs) {
    for (std::size_t axis = 1; axis < input.shape.size(); ++axis) {
      if (!input.shape[axis].fixed()) return false;
    }
  }
  return true;
}

}  // namespace

ExecutionPlan planExecution(const Graph& graph, const ValueTable& values) {
  const bool known = shapesKnown(graph);
  return Planner(graph, values, known).run(Fusion(graph, known).run());
}

}  // namespace ocrdet
