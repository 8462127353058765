#include <cstdint>
#include <string>
#include <utility>

#include <xgboost/c_api.h>

#include "kernels/core/error.hpp"
#include "models/blend/trees.hpp"

namespace nextbest {
namespace {

// Fixed: sums of histograms depend on how rows are divided among threads.
constexpr const char* kThreads = "2";
constexpr const char* kBins = "64";

void check(int status) {
  if (status != 0) throw InvalidArgument(std::string("xgboost: ") + XGBGetLastError());
}

using Handle = std::unique_ptr<void, int (*)(void*)>;

// Hands the rows to XGBoost, all at once, as often as it asks for them.
struct OneBatch {
  const TreeRows& rows;
  DMatrixHandle proxy;
  bool given = false;

  static void reset(DataIterHandle self) { static_cast<OneBatch*>(self)->given = false; }
  static int next(DataIterHandle self) {  // 1: there is a batch in the proxy
    auto& [rows, proxy, given] = *static_cast<OneBatch*>(self);
    if (std::exchange(given, true)) return 0;
    const auto n = static_cast<bst_ulong>(rows.features.rows);
    const std::string array = R"({"data": [)" + std::to_string(reinterpret_cast<std::uintptr_t>(rows.features.data)) +
                              R"(, true], "typestr": "<f4", "version": 3, "shape": [)" + std::to_string(n) + ", " +
                              std::to_string(rows.features.cols) + "]}";
    return XGProxyDMatrixSetDataDense(proxy, array.c_str()) == 0 &&
           XGDMatrixSetFloatInfo(proxy, "label", rows.label.data(), n) == 0 &&
           XGDMatrixSetFloatInfo(proxy, "weight", rows.weight.data(), n) == 0;
  }
};

// Only the bins of the values are kept, a byte each; the values themselves, with their columns, would be eight.
Handle matrix_of(const TreeRows& rows) {
  DMatrixHandle made = nullptr;
  check(XGProxyDMatrixCreate(&made));
  const Handle proxy(made, XGDMatrixFree);
  OneBatch batch{rows, made};
  const std::string config =
      std::string(R"({"missing": NaN, "nthread": )") + kThreads + R"(, "max_bin": )" + kBins + "}";
  check(XGQuantileDMatrixCreateFromCallback(&batch, proxy.get(), nullptr, OneBatch::reset, OneBatch::next,
                                            config.c_str(), &made));
  Handle matrix(made, XGDMatrixFree);
  bst_ulong taken = 0;
  check(XGDMatrixNumRow(made, &taken));
  if (taken != static_cast<bst_ulong>(rows.features.rows)) check(-1);
  return matrix;
}

Handle booster_of(DMatrixHandle data, const TreeParams& params) {
  BoosterHandle made = nullptr;
  check(XGBoosterCreate(&data, 1, &made));
  Handle booster(made, XGBoosterFree);
  const std::pair<const char*, std::string> settings[] = {{"objective", "binary:logistic"},
                                                          {"base_score", "0.5"},
                                                          {"tree_method", "hist"},
                                                          {"max_bin", kBins},
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
