#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "kernels/core/types.hpp"

namespace nextbest {

/// A view of a row-major matrix [rows, cols]; consecutive rows lie `stride` >= cols elements apart. Owns nothing.
/// All addressing is 64-bit.
template <class T>
struct Matrix {
  T* data = nullptr;
  Offset rows = 0;
  Offset cols = 0;
  Offset stride = 0;

  Matrix() = default;
  Matrix(T* data_, Offset rows_, Offset cols_, Offset stride_)
      : data(data_), rows(rows_), cols(cols_), stride(stride_) {}
  Matrix(T* data_, Offset rows_, Offset cols_) : Matrix(data_, rows_, cols_, cols_) {}
  /// A view that may be written converts to one that may only be read.
  template <class U>
  requires(std::is_same_v<const U, T> && !std::is_const_v<U>) Matrix(const Matrix<U>& other)
      : Matrix(other.data, other.rows, other.cols, other.stride) {}

  T* row(Offset r) const { return data + r * stride; }
  T& operator()(Offset r, Offset c) const { return data[r * stride + c]; }
  Matrix slice(Offset begin, Offset end) const { return {row(begin), end - begin, cols, stride}; }
  bool empty() const { return rows == 0 || cols == 0; }
};

}  // namespace nextbest
