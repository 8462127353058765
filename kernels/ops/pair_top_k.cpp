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

}  // namespace

void pair_top_k(Context& ctx, const PairIndex& units, const PairParams& params, const PairLists& out) {
  expects(units.device == ctx.device, kName, "the units were indexed for another backend");
  expects(params.k >= 1, kName, "k must be at least 1");
  expects(params.shrinkage >= 0, kName, "shrinkage must be 0 or above");
  expects(0 <= params.begin && params.begin <= params.end && params.end <= units.items, kName,
          "the range of rows must lie within the items");
  expect_shape(out.item, params, "shape of out.item");
  expect_shape(out.score, params, "shape of out.score");
  expect_shape(out.count, params, "shape of out.count");
  expect_shape(out.weight, params, "shape of out.weight");
  expect_shape(out.customers, params, "shape of out.customers");
  expect_shape(out.expected, params, "shape of out.expected");
  (ctx.device == Device::kCuda ? cuda::pair_top_k : cpu::pair_top_k)(ctx, units, params, out);
}

}  // namespace nextbest
