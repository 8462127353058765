#include "models/blend/trees.hpp"

#include <charconv>
#include <map>

#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

// Takes a number off the front of a text.
template <class T>
T take_number(std::string_view& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) throw InvalidArgument("trees: \"" + std::string(text.substr(0, 40)) + "\" is no number");
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

void take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected))
    throw InvalidArgument("trees: expected \"" + std::string(expected) + "\" at \"" + std::string(text.substr(0, 40)) +
                          "\"");
  text.remove_prefix(expected.size());
}

}  // namespace

float TreeEnsemble::score(const float* features, float sum, std::size_t first) const {
  for (std::size_t tree = first; tree < roots.size(); ++tree) {
    const Node* node = &nodes[roots[tree]];
    while (node->feature >= 0) node = &nodes[features[node->feature] < node->value ? node->left : node->right];
    sum += node->value;
  }
  return sum;
}

bool TreeEnsemble::is_sound(std::size_t features) const {
  const auto size = static_cast<std::int32_t>(nodes.size());
  for (std::int32_t n = 0; n < size; ++n) {
    const Node& node = nodes[n];
    if (node.feature < 0) continue;
    if (static_cast<std::size_t>(node.feature) >= features) return false;
    for (const std::int32_t child : {node.left, node.right})
      if (child <= n || child >= size) return false;
  }
  for (const std::int32_t root : roots)
    if (root < 0 || root >= size) return false;
  return true;
}

// Lines are "3:[f2<0.5] yes=7,no=8,missing=7" or "7:leaf=-0.1", indented; numbers are XGBoost's, places ours.
void add_dumped_tree(std::string_view dump, TreeEnsemble& trees) {
  std::map<int, std::int32_t> place;
  const auto first = static_cast<std::int32_t>(trees.nodes.size());
  std::vector<std::pair<int, int>> children;  // XGBoost's numbers
  while (!dump.empty()) {
    std::string_view line = dump.substr(0, dump.find('\n'));
    dump.remove_prefix(std::min(dump.size(), line.size() + 1));
    while (line.starts_with('\t')) line.remove_prefix(1);
    if (line.empty()) continue;
    TreeEnsemble::Node node;
    const int number = take_number<int>(line);
    take(line, ":");
    std::pair<int, int> next{-1, -1};
    if (line.starts_with("leaf=")) {
      take(line, "leaf=");
      node.value = take_number<float>(line);
    } else {
      take(line, "[f");
      node.feature = take_number<std::int32_t>(line);
      take(line, "<");
      node.value = take_number<float>(line);
      take(line, "] yes=");
      next.first = take_number<int>(line);
      take(line, ",no=");
      next.second = take_number<int>(line);
    }
    place[number] = static_cast<std::int32_t>(trees.nodes.size());
    trees.nodes.push_back(node);
    children.push_back(next);
  }
  for (std::size_t n = 0; n < children.size(); ++n) {
    TreeEnsemble::Node& node = trees.nodes[static_cast<std::size_t>(first) + n];
    if (node.feature < 0) continue;
    if (!place.contains(children[n].first) || !place.contains(children[n].second))
      throw InvalidArgument("trees: a node without its children");
    node.left = place[children[n].first];
    node.right = place[children[n].second];
  }
  if (!children.empty()) trees.roots.push_back(first);
}

TreeEnsemble train_trees(const TreeRows& rows, const TreeParams& params) {
  TreeTrainer trainer(rows, params);
  trainer.grow(params.rounds);
  return trainer.trees();
}

}  // namespace nextbest
