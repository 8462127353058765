#pragma once

#include <span>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "kernels/core/view.hpp"

namespace nextbest {

/// Row q: the reference rows nearest to query q, best first; shorter rows are closed by row = kNoCode with product 0.
struct NearestRowLists {
  Matrix<Code> row;       ///< [queries, k]
  Matrix<float> product;  ///< [queries, k]
};

/// For every row of a sparse matrix the exact k rows of another with the largest inner products:
///     p(q, r) = sum over columns c of queries(q, c) * references(r, c), each product rounded to float and added in
///     float over ascending c from 0
/// That sum is the definition on every backend. Rows without a common column are not neighbours. With rows of length 1
/// in the Euclidean norm these are the nearest by cosine. Order: product descending, row ascending.
/// queries       [queries, cols] with values, codes ascending
/// by_column     [cols, references]: the references transposed, with values
/// not_for_query [queries] the one reference that is no neighbour of each (itself, say), kNoCode: none; or empty
/// out           k = out.row.cols >= 1
/// Time: sum over queries of the lengths of the columns they name. Temporary memory: 8 bytes per reference and thread;
/// on a GPU `by_column`, and for up to 2^17 queries at a time (fewer where memory is short) their entries and lists,
/// and for each block at work a table of 12 to 24 bytes per reference that its query can meet. Where `by_column` does
/// not fit, half of the references after the other, and the lists of both on the host.
/// @throws ShapeMismatch, InvalidArgument
using NearestRows = void(Context& ctx, const CsrView<float>& queries, const CsrView<float>& by_column,
                         std::span<const Code> not_for_query, const NearestRowLists& out);
NearestRows nearest_rows;
namespace cpu {
NearestRows nearest_rows;
}
namespace cuda {
NearestRows nearest_rows;
}

}  // namespace nextbest
