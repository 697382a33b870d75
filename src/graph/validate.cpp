#include "graph/validate.h"

#include <fmt/format.h>

#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "ocrdet/error.h"

namespace ocrdet {
namespace {

constexpr std::size_t kMostProblems = 20;  // a graph with more is broken throughout; a longer list helps nobody

class Rules {
 public:
  explicit Rules(const Graph& graph) : graph_(graph) {}

  std::vector<Problem> check() && {
    for (const Value& input : graph_.inputs) produce(input.name, "the input");
    for (const Initialiser& initialiser : graph_.initialisers) checkInitialiser(initialiser);
    for (const Node& node : graph_.nodes) checkNode(node);
    for (const Value& output : graph_.outputs) read(output.name, "the graph's outputs");
    if (graph_.outputs.empty()) broken("The graph has no output");
    checkUnused();
    return std::move(problems_);
  }

 private:
  // `what` is a sentence without its full stop.
  void broken(const std::string& what) {
    if (problems_.size() < kMostProblems)
      problems_.push_back({&codes::kGraphInvalid, what + '.',
                           "The model file, or the rewriting that made it, is wrong; export it again."});
  }

  void produce(const std::string& value, std::string_view producer) {
    if (value.empty())
      broken(fmt::format("What {} makes has no name", producer));
    else if (!readers_.emplace(value, 0).second)
      broken(fmt::format("The value '{}' is produced twice, the second time by {}", value, producer));
  }

  void read(const std::string& value, std::string_view reader) {
    const auto found = readers_.find(value);
    if (found == readers_.end())
      broken(fmt::format("The value '{}', read by {}, is not produced before it", value, reader));
    else
      ++found->second;
  }

  void checkInitialiser(const Initialiser& initialiser) {
    produce(initialiser.name, "the initialiser '" + initialiser.name + "'");
    const auto count = elementCount(initialiser.shape);
    const auto bytes = initialiser.bytes.size();
    const auto width = byteSize(initialiser.dtype);
    if (!count || bytes % width != 0 || bytes / width != static_cast<std::size_t>(*count))
      broken(fmt::format("The initialiser '{}' has {} bytes, which do not fit {} {}", initialiser.name, bytes,
                         toText(initialiser.shape), name(initialiser.dtype)));
  }

  void checkNode(const Node& node) {
    const std::string who = fmt::format("node '{}' ({})", node.name, node.op);
    if (node.name.empty())
      broken(fmt::format("A {} node has no name", node.op));
    else if (!node_names_.insert(node.name).second)
      broken(fmt::format("Two nodes are called '{}'", node.name));
    for (const std::string& input : node.inputs)
      if (!input.empty()) read(input, "the " + who);
    if (node.outputs.empty()) broken("The " + who + " has no output");
    for (const std::string& output : node.outputs)
      if (!output.empty()) produce(output, "the " + who);
  }

  void checkUnused() {
    for (const Initialiser& initialiser : graph_.initialisers)
      if (const auto found = readers_.find(initialiser.name); found != readers_.end() && found->second == 0)
        broken(fmt::format("The initialiser '{}' is not used", initialiser.name));
    for (const Node& node : graph_.nodes) {
      bool used = false;
      for (const std::string& output : node.outputs)
        if (const auto found = readers_.find(output); found != readers_.end()) used |= found->second > 0;
      if (!used) broken(fmt::format("Nothing reads what node '{}' ({}) computes", node.name, node.op));
    }
  }

  const Graph& graph_;
  std::unordered_map<std::string, int> readers_;  // how often each value produced so far is read
  std::unordered_set<std::string> node_names_;
  std::vector<Problem> problems_;
};

}  // namespace

void validate(const Graph& graph) {
  if (std::vector<Problem> problems = Rules(graph).check(); !problems.empty()) throw Error(std::move(problems));
}

}  // namespace ocrdet
