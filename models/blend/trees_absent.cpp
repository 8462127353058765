#include "kernels/core/error.hpp"
#include "models/blend/trees.hpp"

namespace nextbest {

bool trees_are_built() {
  return false;
}

struct TreeTrainer::Grown {};

TreeTrainer::TreeTrainer(const TreeRows&, const TreeParams&) {
  throw InvalidArgument("TreeTrainer: this program was built without XGBoost (libxgboost-dev)");
}
TreeTrainer::TreeTrainer(TreeTrainer&&) noexcept = default;
TreeTrainer::~TreeTrainer() = default;

void TreeTrainer::grow(int) {}

TreeEnsemble TreeTrainer::trees() const {
  return {};
}

}  // namespace nextbest
