#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <xgboost/c_api.h>

#include "kernels/core/error.hpp"
#include "models/blend/trees.hpp"

namespace nextbest {
namespace {

// Fixed: sums of histograms depend on how rows are divided among threads.
constexpr const char* kThreads = "2";
constexpr int kPatience = 40;  // rounds without a smaller loss; the order still gains where the loss has become flat

void check(int status) {
  if (status != 0) throw InvalidArgument(std::string("xgboost: ") + XGBGetLastError());
}

class Rows {
 public:
  explicit Rows(const TreeRows& rows) {
    const auto n = static_cast<bst_ulong>(rows.features.rows);
    check(XGDMatrixCreateFromMat(rows.features.data, n, static_cast<bst_ulong>(rows.features.cols),
                                 std::numeric_limits<float>::quiet_NaN(), &handle_));
    check(XGDMatrixSetFloatInfo(handle_, "label", rows.label.data(), n));
    check(XGDMatrixSetFloatInfo(handle_, "weight", rows.weight.data(), n));
  }
  ~Rows() { XGDMatrixFree(handle_); }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  DMatrixHandle get() const { return handle_; }

 private:
  DMatrixHandle handle_ = nullptr;
};

class Booster {
 public:
  Booster(const Rows& rows, const TreeParams& params) {
    const DMatrixHandle data = rows.get();
    check(XGBoosterCreate(&data, 1, &handle_));
    const std::pair<const char*, std::string> settings[] = {
        {"objective", "binary:logistic"},
        {"base_score", "0.5"},
        {"eval_metric", "logloss"},
        {"tree_method", "hist"},
        {"max_bin", "64"},
        {"nthread", kThreads},
        {"verbosity", "0"},
        {"seed", "1"},
        {"max_depth", std::to_string(params.depth)},
        {"eta", std::to_string(params.step)},
        {"min_child_weight", std::to_string(params.min_child_weight)},
        {"lambda", std::to_string(params.regularization)}};
    for (const auto& [name, value] : settings) check(XGBoosterSetParam(handle_, name, value.c_str()));
  }
  ~Booster() { XGBoosterFree(handle_); }
  Booster(const Booster&) = delete;
  Booster& operator=(const Booster&) = delete;

  void round(int number, const Rows& rows) { check(XGBoosterUpdateOneIter(handle_, number, rows.get())); }

  double loss(int number, const Rows& rows) {
    DMatrixHandle data = rows.get();
    const char* name = "held";
    const char* said = nullptr;  // "[3]\theld-logloss:0.123"
    check(XGBoosterEvalOneIter(handle_, number, &data, &name, 1, &said));
    const std::string text(said);
    return std::stod(text.substr(text.rfind(':') + 1));
  }

  TreeEnsemble trees() {
    bst_ulong size = 0;
    const char** dumps = nullptr;
    check(XGBoosterDumpModelEx(handle_, "", 0, "text", &size, &dumps));
    TreeEnsemble out;
    for (bst_ulong t = 0; t < size; ++t) add_dumped_tree(dumps[t], out);
    return out;
  }

 private:
  BoosterHandle handle_ = nullptr;
};

}  // namespace

bool trees_are_built() {
  return true;
}

TreeEnsemble train_trees(const TreeRows& rows, const TreeParams& params, const TreeRows* held_out,
                         std::vector<double>* losses) {
  const Rows data(rows);
  Booster booster(data, params);
  if (!held_out) {
    for (int r = 0; r < params.rounds; ++r) booster.round(r, data);
    return booster.trees();
  }
  const Rows held(*held_out);
  double best = std::numeric_limits<double>::infinity();
  int since = 0;
  losses->clear();
  for (int r = 0; r < params.rounds && since < kPatience; ++r) {
    booster.round(r, data);
    losses->push_back(booster.loss(r, held));
    since = losses->back() < best ? 0 : since + 1;
    best = std::min(best, losses->back());
  }
  return booster.trees();
}

}  // namespace nextbest
