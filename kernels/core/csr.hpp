#pragma once

#include <cassert>
#include <span>
#include <vector>

#include "kernels/core/types.hpp"

namespace nextbest {

/// A view of a sparse matrix [rows, cols] in compressed rows. Row r holds indices[indptr[r] .. indptr[r+1]), ascending
/// and distinct unless an operation says otherwise. `values` is parallel to `indices`, or empty where every entry is 1.
template <class T>
struct CsrView {
  Offset cols = 0;
  std::span<const Offset> indptr;  ///< [rows + 1], indptr[0] may be > 0 in a view of a slice of rows
  std::span<const Code> indices;   ///< addressed by indptr
  std::span<const T> values;       ///< as indices, or empty

  Offset rows() const { return indptr.empty() ? 0 : static_cast<Offset>(indptr.size()) - 1; }
  Offset nnz() const { return indptr.empty() ? 0 : indptr.back() - indptr.front(); }
  Offset row_size(Offset r) const { return indptr[r + 1] - indptr[r]; }
  std::span<const Code> row(Offset r) const { return indices.subspan(indptr[r], row_size(r)); }
  std::span<const T> row_values(Offset r) const {
    return values.empty() ? std::span<const T>{} : values.subspan(indptr[r], row_size(r));
  }
  /// Rows [begin, end) of the same matrix; indices and values are shared.
  CsrView slice(Offset begin, Offset end) const {
    return {cols, indptr.subspan(begin, end - begin + 1), indices, values};
  }
};

/// Owns what a CsrView shows.
template <class T>
struct Csr {
  Offset cols = 0;
  std::vector<Offset> indptr{0};
  std::vector<Code> indices;
  std::vector<T> values;

  CsrView<T> view() const { return {cols, indptr, indices, values}; }
};

}  // namespace nextbest
