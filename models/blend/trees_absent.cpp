#include "kernels/core/error.hpp"
#include "models/blend/trees.hpp"

namespace nextbest {

bool trees_are_built() {
  return false;
}

TreeEnsemble train_trees(const TreeRows&, const TreeParams&, const TreeRows*, std::vector<double>*) {
  throw InvalidArgument("train_trees: this program was built without XGBoost (libxgboost-dev)");
}

}  // namespace nextbest
