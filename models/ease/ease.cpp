#include "models/ease/ease.hpp"

#include <cmath>

#include "kernels/math/fixed_point.hpp"
#include "kernels/ops/ease_top_k.hpp"
#include "kernels/ops/regress_on_neighbours.hpp"
#include "kernels/ops/transpose.hpp"
#include "models/item_item/item_item.hpp"
#include "models/neighbours/neighbours.hpp"

namespace nextbest {
namespace {

/// Customers' histories over the items that enough customers have, which are numbered anew.
struct Shelf {
  PairUnitsData units;
  std::vector<Code> item;            ///< [shelf] the item's own code
  std::vector<std::int64_t> buyers;  ///< [shelf]

  Offset items() const { return static_cast<Offset>(item.size()); }
};

Shelf shelf_of(const HistoryView& history, const EaseParams& params) {
  PairUnitsData units = customer_units(history, params.user_exponent, params.max_history_lines);
  std::vector<std::int64_t> buyers(history.items, 0);
  for (const Code item : units.baskets.indices) ++buyers[item];
  Shelf shelf;
  std::vector<Code> place(history.items, kNoCode);
  for (Code item = 0; item < static_cast<Code>(history.items); ++item) {
    if (buyers[item] < params.min_customers) continue;
    place[item] = static_cast<Code>(shelf.item.size());
    shelf.item.push_back(item);
    shelf.buyers.push_back(buyers[item]);
  }
  shelf.units.baskets.cols = shelf.items();
  shelf.units.weights = std::move(units.weights);
  for (Offset u = 0; u < units.baskets.view().rows(); ++u) {
    for (const Code item : units.baskets.view().row(u))
      if (place[item] != kNoCode) shelf.units.baskets.indices.push_back(place[item]);
    shelf.units.baskets.indptr.push_back(static_cast<Offset>(shelf.units.baskets.indices.size()));
  }
  return shelf;
}

/// G_ii.
std::vector<float> diagonal_of(const Shelf& shelf) {
  std::vector<std::int64_t> sum(shelf.items(), 0);
  const CsrView<float> rows = shelf.units.baskets.view();
  for (Offset u = 0; u < rows.rows(); ++u)
    for (const Code item : rows.row(u)) sum[item] += shelf.units.weights[u];
  std::vector<float> diagonal;
  for (const std::int64_t fixed : sum) diagonal.push_back(static_cast<float>(from_fixed(fixed)));
  return diagonal;
}

std::vector<float> penalties(const std::vector<float>& diagonal, const EaseParams& params) {
  double mean = 0;
  for (const float d : diagonal) mean += d / static_cast<double>(diagonal.size());
  std::vector<float> penalty;
  for (const float d : diagonal)
    penalty.push_back(static_cast<float>(params.ridge * mean + params.dropout / (1 - params.dropout) * d));
  return penalty;
}

/// What predicts each item, [shelf, kept].
struct Predictors {
  Predictors(Offset items, Offset kept) : kept_(kept), item(items * kept, kNoCode), weight(items * kept, 0.0F) {}
  PredictorLists view() {
    const Offset items = static_cast<Offset>(item.size()) / kept_;
    return {{item.data(), items, kept_}, {weight.data(), items, kept_}};
  }

 private:
  Offset kept_;

 public:
  std::vector<Code> item;
  std::vector<float> weight;
};

Predictors regress(Context& ctx, const Shelf& shelf, const EaseParams& params) {
  const std::vector<float> diagonal = diagonal_of(shelf), penalty = penalties(diagonal, params);
  Predictors found(shelf.items(), params.kept);
  if (shelf.items() <= params.dense_items) {
    std::vector<float> weight;
    for (const std::int64_t fixed : shelf.units.weights) weight.push_back(static_cast<float>(from_fixed(fixed)));
    ease_top_k(ctx, shelf.units.baskets.view(), weight, penalty, found.view());
    return found;
  }
  const NeighbourParams near{Measure::kCosine, kGramianLists * params.predictors, params.min_customers};
  const Csr<float> lists = nearest_items(ctx, shelf.units, near, [](const PairCounts& n) { return n.both; });
  Context host = ctx;  // it has no other provider yet
  host.device = Device::kCpu;
  regress_on_neighbours(host, lists.view(), diagonal, penalty, params.predictors, found.view());
  return found;
}

/// What each item of the catalogue speaks for: the predictors, turned around and damped.
Csr<float> turned_around(Context& ctx, const Shelf& shelf, Offset items, const Predictors& found,
                         const EaseParams& params) {
  Csr<float> predictors;
  predictors.cols = items;
  for (Offset j = 0; j < shelf.items(); ++j) {
    const double damping = std::pow(static_cast<double>(shelf.buyers[j]), -params.target_exponent);
    for (Offset at = j * params.kept; at < (j + 1) * params.kept && found.item[at] != kNoCode; ++at) {
      predictors.indices.push_back(shelf.item[found.item[at]]);
      predictors.values.push_back(static_cast<float>(found.weight[at] * damping));
    }
    predictors.indptr.push_back(static_cast<Offset>(predictors.indices.size()));
  }
  Csr<float> speaks_for;
  transpose(ctx, predictors.view(), speaks_for);
  for (Code& target : speaks_for.indices) target = shelf.item[target];
  return speaks_for;
}

}  // namespace

std::unique_ptr<Source> fit_ease(Context& ctx, const HistoryView& history, std::vector<std::int64_t> popularity,
                                 const EaseParams& params) {
  const Shelf shelf = shelf_of(history, params);
  Predictors found = regress(ctx, shelf, params);
  return make_neighbour_source("ease", turned_around(ctx, shelf, history.items, found, params), std::move(popularity),
                               params.anchors);
}

}  // namespace nextbest
