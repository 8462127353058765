#pragma once

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "kernels/core/view.hpp"
#include "tests/reference/dense.hpp"

namespace nextbest::test {

/// A matrix with `padding` NaN behind every row: whoever reads them gets a NaN, whoever writes them is found out.
template <class T>
class PaddedMatrix {
 public:
  PaddedMatrix(Offset rows, Offset cols, Offset padding = 3)
      : rows_(rows),
        cols_(cols),
        stride_(cols + padding),
        data_(rows * stride_, static_cast<T>(std::numeric_limits<float>::quiet_NaN())) {
    for (Offset r = 0; r < rows; ++r)
      for (Offset c = 0; c < cols; ++c) view()(r, c) = static_cast<T>(0.0F);
  }

  Matrix<T> view() { return {data_.data(), rows_, cols_, stride_}; }
  Matrix<const T> view() const { return {data_.data(), rows_, cols_, stride_}; }

  /// Uniform in [-1, 1), the same with every standard library.
  void fill_random(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (Offset r = 0; r < rows_; ++r)
      for (Offset c = 0; c < cols_; ++c)
        view()(r, c) = static_cast<T>(static_cast<double>(random() >> 40) * 0x1p-23 - 1);
  }

  bool padding_untouched() const {
    for (Offset r = 0; r < rows_; ++r)
      for (Offset c = cols_; c < stride_; ++c)
        if (!std::isnan(data_[r * stride_ + c])) return false;
    return true;
  }

  bool same_bits(const PaddedMatrix& other) const {
    for (Offset r = 0; r < rows_; ++r)
      if (std::memcmp(view().row(r), other.view().row(r), cols_ * sizeof(T)) != 0) return false;
    return true;
  }

  reference::Dense dense() const {
    reference::Dense out(rows_, cols_);
    for (Offset r = 0; r < rows_; ++r)
      for (Offset c = 0; c < cols_; ++c) out(r, c) = view()(r, c);
    return out;
  }

 private:
  Offset rows_, cols_, stride_;
  std::vector<T> data_;
};

}  // namespace nextbest::test
