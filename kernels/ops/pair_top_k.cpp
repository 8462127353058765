#include "kernels/ops/pair_top_k.hpp"

#include "kernels/core/expects.hpp"

namespace nextbest {
namespace {

constexpr const char* kName = "pair_top_k";

template <class T>
void expect_shape(const Matrix<T>& list, const PairParams& params, const char* what) {
  expects_equal(list.rows, params.end - params.begin, kName, what);
  expects_equal(list.cols, params.k, kName, what);
  expects(list.stride >= list.cols, kName, "stride of a list below its columns");
}

void check_units(const PairUnits& units, const CsrView<float>& by_item, const PairTotals& totals) {
  const CsrView<float>& baskets = units.baskets;
  expects_equal(by_item.rows(), baskets.cols, kName, "rows of by_item (items)");
  expects_equal(by_item.cols, baskets.rows(), kName, "columns of by_item (units)");
  expects_equal(by_item.nnz(), baskets.nnz(), kName, "entries of by_item");
  if (!units.weights.empty())
    expects_equal(static_cast<Offset>(units.weights.size()), baskets.rows(), kName, "number of weights");
  if (!units.customers.empty())
    expects_equal(static_cast<Offset>(units.customers.size()), baskets.rows(), kName, "number of customers");
  expects_equal(static_cast<Offset>(totals.count.size()), baskets.cols, kName, "size of totals.count");
  expects_equal(static_cast<Offset>(totals.weight.size()), baskets.cols, kName, "size of totals.weight");
  expects_equal(totals.units, baskets.rows(), kName, "totals.units");
  const Offset partners = units.cross() ? baskets.cols : 0;
  expects_equal(static_cast<Offset>(totals.partner_count.size()), partners, kName, "size of totals.partner_count");
  expects_equal(static_cast<Offset>(totals.partner_weight.size()), partners, kName, "size of totals.partner_weight");
  if (!units.cross()) return;
  expects_equal(units.partners.rows(), baskets.rows(), kName, "rows of partners (units)");
  expects_equal(units.partners.cols, baskets.cols, kName, "columns of partners (items)");
}

}  // namespace

void pair_top_k(Context& ctx, const PairUnits& units, const CsrView<float>& by_item, const PairTotals& totals,
                const PairParams& params, const PairLists& out) {
  expects(params.k >= 1, kName, "k must be at least 1");
  expects(params.shrinkage >= 0, kName, "shrinkage must be 0 or above");
  expects(0 <= params.begin && params.begin <= params.end && params.end <= units.baskets.cols, kName,
          "the range of rows must lie within the items");
  check_units(units, by_item, totals);
  expect_shape(out.item, params, "shape of out.item");
  expect_shape(out.score, params, "shape of out.score");
  expect_shape(out.count, params, "shape of out.count");
  expect_shape(out.weight, params, "shape of out.weight");
  expect_shape(out.customers, params, "shape of out.customers");
  expect_shape(out.expected, params, "shape of out.expected");
  (ctx.device == Device::kCuda ? cuda::pair_top_k : cpu::pair_top_k)(ctx, units, by_item, totals, params, out);
}

}  // namespace nextbest
