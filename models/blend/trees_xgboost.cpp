#include <limits>
#include <string>

#include <xgboost/c_api.h>

#include "kernels/core/error.hpp"
#include "models/blend/trees.hpp"

namespace nextbest {
namespace {

// Fixed: sums of histograms depend on how rows are divided among threads.
constexpr const char* kThreads = "2";

void check(int status) {
  if (status != 0) throw InvalidArgument(std::string("xgboost: ") + XGBGetLastError());
}

using Handle = std::unique_ptr<void, int (*)(void*)>;

Handle matrix_of(const TreeRows& rows) {
  const auto n = static_cast<bst_ulong>(rows.features.rows);
  DMatrixHandle made = nullptr;
  check(XGDMatrixCreateFromMat(rows.features.data, n, static_cast<bst_ulong>(rows.features.cols),
                               std::numeric_limits<float>::quiet_NaN(), &made));
  Handle matrix(made, XGDMatrixFree);
  check(XGDMatrixSetFloatInfo(made, "label", rows.label.data(), n));
  check(XGDMatrixSetFloatInfo(made, "weight", rows.weight.data(), n));
  return matrix;
}

Handle booster_of(DMatrixHandle data, const TreeParams& params) {
  BoosterHandle made = nullptr;
  check(XGBoosterCreate(&data, 1, &made));
  Handle booster(made, XGBoosterFree);
  const std::pair<const char*, std::string> settings[] = {{"objective", "binary:logistic"},
                                                          {"base_score", "0.5"},
                                                          {"tree_method", "hist"},
                                                          {"max_bin", "64"},
                                                          {"nthread", kThreads},
                                                          {"verbosity", "0"},
                                                          {"seed", "1"},
                                                          {"max_depth", std::to_string(params.depth)},
                                                          {"eta", std::to_string(params.step)},
                                                          {"min_child_weight", std::to_string(params.min_child_weight)},
                                                          {"lambda", std::to_string(params.regularization)}};
  for (const auto& [name, value] : settings) check(XGBoosterSetParam(made, name, value.c_str()));
  return booster;
}

}  // namespace

struct TreeTrainer::Grown {
  std::unique_ptr<void, int (*)(void*)> data, booster;
  int rounds = 0;
};

bool trees_are_built() {
  return true;
}

TreeTrainer::TreeTrainer(const TreeRows& rows, const TreeParams& params) {
  Handle data = matrix_of(rows), booster = booster_of(data.get(), params);
  grown_ = std::make_unique<Grown>(std::move(data), std::move(booster));
}
TreeTrainer::TreeTrainer(TreeTrainer&&) noexcept = default;
TreeTrainer::~TreeTrainer() = default;

void TreeTrainer::grow(int rounds) {
  for (int r = 0; r < rounds; ++r)
    check(XGBoosterUpdateOneIter(grown_->booster.get(), grown_->rounds++, grown_->data.get()));
}

TreeEnsemble TreeTrainer::trees() const {
  bst_ulong size = 0;
  const char** dumps = nullptr;
  check(XGBoosterDumpModelEx(grown_->booster.get(), "", 0, "text", &size, &dumps));
  TreeEnsemble out;
  for (bst_ulong t = 0; t < size; ++t) add_dumped_tree(dumps[t], out);
  return out;
}

}  // namespace nextbest
