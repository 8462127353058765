#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/core/view.hpp"

namespace nextbest {

/// A sum of regression trees. Every node either asks `x[feature] < value` and goes left or right, or is a leaf worth
/// `value`.
struct TreeEnsemble {
  struct Node {
    std::int32_t feature = -1;  ///< -1: a leaf
    float value = 0;
    std::int32_t left = 0, right = 0;
  };
  std::vector<Node> nodes;
  std::vector<std::int32_t> roots;

  /// Sum of the leaves, trees ascending, in float: the log-odds that it was trained for. Trees before `first` are in
  /// `sum` already.
  float score(const float* features, float sum = 0, std::size_t first = 0) const;
  /// Every index inside, children behind their parents (so no walk can run in circles), features below `features`.
  bool is_sound(std::size_t features) const;
};

/// Reads one tree of an XGBoost text dump and adds it. @throws InvalidArgument a line that is none
void add_dumped_tree(std::string_view dump, TreeEnsemble& trees);

struct TreeRows {
  Matrix<const float> features;
  std::span<const float> label;   ///< [rows] 0 or 1
  std::span<const float> weight;  ///< [rows]
};

struct TreeParams {
  int rounds = 400;
  int depth = 5;
  double step = 0.12;
  double min_child_weight = 5;
  double regularization = 5;
};

/// Whether this program was built with XGBoost.
bool trees_are_built();

/// Gradient-boosted trees for the logistic loss (Chen & Guestrin 2016, XGBoost's histogram method), grown as many at a
/// time as the caller likes: he knows best when they have learnt enough. Always the same number of threads, so that the
/// trees do not depend on the machine's. Keeps a copy of the rows.
/// @throws InvalidArgument not built, or what XGBoost refuses
class TreeTrainer {
 public:
  /// params.rounds is not read.
  TreeTrainer(const TreeRows& rows, const TreeParams& params);
  TreeTrainer(TreeTrainer&&) noexcept;
  ~TreeTrainer();

  void grow(int rounds);       ///< one tree each
  TreeEnsemble trees() const;  ///< all that have grown

 private:
  struct Grown;
  std::unique_ptr<Grown> grown_;
};

/// The trees of params.rounds rounds.
TreeEnsemble train_trees(const TreeRows& rows, const TreeParams& params);

}  // namespace nextbest
