#pragma once

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"

namespace nextbest {

/// The transpose of a sparse matrix: out row c holds every row r of `in` with an entry in column c, ascending, with its
/// value. Counting sort; O(rows + cols + nnz) time.
/// in   [rows, cols]; the codes of a row need not be sorted
/// out  [cols, rows]; resized and overwritten; values only where `in` has values
/// Exact, the same for every number of threads. rows must be below 2^31. Temporary memory: 8 cols bytes per
/// thread, less where there are fewer entries than that; on a GPU 24 bytes per entry, 40 with values, of all rows or of
/// as many at a time as fit.
/// @throws InvalidArgument a code outside [0, cols)
using Transpose = void(Context& ctx, const CsrView<float>& in, Csr<float>& out);
Transpose transpose;
namespace cpu {
Transpose transpose;
}
namespace cuda {
Transpose transpose;
}

}  // namespace nextbest
