#include "kernels/ops/score_top_k.hpp"

#include "kernels/core/expects.hpp"

namespace nextbest {
namespace {

constexpr const char* kName = "score_top_k";

void check_rows(const CsrView<float>& matrix, Offset users, const char* what) {
  if (matrix.rows() != 0) expects_equal(matrix.rows(), users, kName, what);
}

void check_filter(const TopKFilter& filter, Offset users, Offset items) {
  check_rows(filter.owned, users, "rows of owned");
  check_rows(filter.blocked, users, "rows of blocked");
  check_rows(filter.pinned, users, "rows of pinned");
  if (!filter.eligible.empty())
    expects_equal(static_cast<Offset>(filter.eligible.size()), (items + 63) / 64, kName, "words of eligible");
  for (Offset u = 0; u < filter.pinned.rows(); ++u)
    for (const Code item : filter.pinned.row(u))
      expects(item >= 0 && item < items, kName, "a pinned item lies outside the items");
}

}  // namespace

void score_top_k(Context& ctx, Matrix<const float> users, const ItemIndex& items, const TopKFilter& filter,
                 const TopKLists& out) {
  expects(items.device == ctx.device, kName, "the items were indexed for another backend");
  expects_equal(users.cols, items.dim, kName, "dim of users");
  expects_equal(out.item.rows, users.rows, kName, "rows of out.item");
  expects_equal(out.score.rows, users.rows, kName, "rows of out.score");
  expects_equal(out.score.cols, out.item.cols, kName, "columns of out.score");
  expects(out.item.cols >= 1, kName, "k must be at least 1");
  expects(users.stride >= users.cols, kName, "stride of the users below dim");
  expects(out.item.stride >= out.item.cols && out.score.stride >= out.score.cols, kName, "stride of out below k");
  check_filter(filter, users.rows, items.items);
  if (users.rows == 0) return;
  (ctx.device == Device::kCuda ? cuda::score_top_k : cpu::score_top_k)(ctx, users, items, filter, out);
}

}  // namespace nextbest
