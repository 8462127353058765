#include "kernels/ops/nearest_rows.hpp"

#include "kernels/core/expects.hpp"

namespace nextbest {

void nearest_rows(Context& ctx, const CsrView<float>& queries, const CsrView<float>& by_column,
                  std::span<const Code> not_for_query, const NearestRowLists& out) {
  const char* name = "nearest_rows";
  expects_equal(by_column.rows(), queries.cols, name, "rows of by_column");
  expects(queries.nnz() == 0 || !queries.values.empty(), name, "queries need values");
  expects(by_column.nnz() == 0 || !by_column.values.empty(), name, "by_column needs values");
  if (!not_for_query.empty())
    expects_equal(static_cast<Offset>(not_for_query.size()), queries.rows(), name, "length of not_for_query");
  expects(out.row.cols >= 1, name, "k must be at least 1");
  expects_equal(out.row.rows, queries.rows(), name, "rows of out.row");
  expects_equal(out.product.rows, queries.rows(), name, "rows of out.product");
  expects_equal(out.product.cols, out.row.cols, name, "columns of out.product");
  ctx.device == Device::kCuda ? cuda::nearest_rows(ctx, queries, by_column, not_for_query, out)
                              : cpu::nearest_rows(ctx, queries, by_column, not_for_query, out);
}

}  // namespace nextbest
