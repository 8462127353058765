#include "kernels/cpu/row_solver.hpp"

#include <algorithm>
#include <cmath>

// This file is compiled once per instruction set; its end is compiled once.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/row_solver.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/cpu/row_conjugate_gradients-inl.hpp"
#include "kernels/cpu/row_dual-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu {
namespace HWY_NAMESPACE {
namespace {

class Piece {
 public:
  Piece(const RowSolverSetup& setup, RowScratch& scratch, Matrix<float> out)
      : setup_(setup), systems_(setup.systems), s_(scratch), out_(out) {
    take_apart(setup.dense.get(), setup.padded, setup.padded, s_.dense.get());
  }

  Offset solve(Offset begin, Offset end) {
    for (std::vector<Offset>& rows : s_.short_rows) rows.clear();
    switch (setup_.padded) {
      case 64:
        long_rows<64>(begin, end);
        break;
      case 128:
        long_rows<128>(begin, end);
        break;
      default:
        long_rows<0>(begin, end);
    }
    for (Offset n = 1; n <= kDualRowLimit; ++n) solve_short_rows(s_.short_rows[n], n);
    return first_bad_;
  }

 private:
  SparseRow row(Offset r) const {
    const CsrView<float>& ratings = systems_.ratings;
    double frequency = systems_.unobserved_weight * static_cast<double>(ratings.cols);
    if (ratings.values.empty()) frequency += static_cast<double>(ratings.row_size(r));
    for (const float weight : ratings.row_values(r)) frequency += weight;
    const double nu = systems_.frequency_exponent;
    const double ridge = systems_.regularization * (nu == 1 ? frequency : std::pow(frequency, nu));
    return {ratings.row(r).data(), ratings.values.empty() ? nullptr : ratings.row_values(r).data(), ratings.row_size(r),
            static_cast<float>(ridge)};
  }

  // Solves the rows by conjugate gradients, clears the empty ones, and puts the others down by their length.
  template <Offset kPadded>
  void long_rows(Offset begin, Offset end) {
    const CsrView<float>& ratings = systems_.ratings;
    Fetcher fetcher(systems_.factors, ratings.indices.data() + ratings.indptr.back());
    ConjugateGradients<kPadded> solver(setup_, s_, fetcher);
    for (Offset r = begin; r < end; ++r) {
      const Offset n = ratings.row_size(r);
      if (n == 0)
        std::fill_n(out_.row(r), out_.cols, 0.0F);
      else if (n <= kDualRowLimit && n < out_.cols)
        s_.short_rows[n].push_back(r);
      else
        note(r, solver.solve(row(r), out_.row(r)));
    }
  }

  void solve_short_rows(const std::vector<Offset>& rows, Offset n) {
    const Offset lanes = hn::Lanes(Tag()), count = static_cast<Offset>(rows.size());
    DualRows solver(setup_, s_, n);
    for (Offset first = 0; first < count; first += lanes) {
      const Code* codes[kMostLanes];
      const float* weights[kMostLanes];
      HWY_ALIGN float ridge[kMostLanes];
      for (Offset l = 0; l < lanes; ++l) {
        const SparseRow lane = row(rows[std::min(first + l, count - 1)]);  // lanes left over repeat the last row
        codes[l] = lane.codes, weights[l] = lane.weights, ridge[l] = lane.ridge;
        if (first + lanes + l >= count) continue;
        for (const Code code : systems_.ratings.row(rows[first + lanes + l])) fetch(systems_.factors, code);
      }
      solver.solve(codes, weights, ridge);
      for (Offset l = 0; l < std::min(lanes, count - first); ++l) {
        const Offset r = rows[first + l];
        std::copy_n(s_.solved.get() + l * setup_.padded, out_.cols, out_.row(r));
        note(r, all_finite(out_.row(r), out_.cols));
      }
    }
  }

  void note(Offset r, bool solved) {
    if (!solved && (first_bad_ < 0 || r < first_bad_)) first_bad_ = r;
  }

  const RowSolverSetup& setup_;
  const RowSystems& systems_;
  RowScratch& s_;
  Matrix<float> out_;
  Offset first_bad_ = -1;
};

Offset piece(const RowSolverSetup& setup, Offset begin, Offset end, RowScratch& scratch, Matrix<float> out) {
  return Piece(setup, scratch, out).solve(begin, end);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nextbest::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nextbest::cpu {
namespace {

constexpr Offset kPadding = 32;             // 16-bit numbers in the widest register
constexpr Offset kChunkBytes = 256 * 1024;  // a part of a usual second-level cache; at least 128 vectors

Offset round_up(Offset n, Offset to) {
  return (n + to - 1) / to * to;
}

}  // namespace

RowSolverSetup::RowSolverSetup(const RowSystems& all) : systems(all), padded(round_up(all.factors.cols, kPadding)) {
  Offset longest = 1;
  for (Offset r = 0; r < all.ratings.rows(); ++r) longest = std::max(longest, all.ratings.row_size(r));
  const Offset fits = kChunkBytes / (padded * static_cast<Offset>(sizeof(BFloat16)));
  chunk_rows = round_up(std::min(longest, fits), 64);
  dense = hwy::AllocateAligned<float>(padded);
  std::fill_n(dense.get(), padded, 0.0F);
  for (Offset k = 0; k < all.factors.cols; ++k)
    dense[k] = static_cast<float>(all.unobserved_weight * all.eigenvalues[k]);
}

RowScratch::RowScratch(const RowSolverSetup& setup) {
  const Offset padded = setup.padded;
  vectors = hwy::AllocateAligned<std::uint16_t>(setup.chunk_rows * padded);
  weights = hwy::AllocateAligned<float>(setup.chunk_rows);
  for (Floats* x : {&dense, &solution, &residual, &preconditioner, &direction, &product, &partial, &partial_squares})
    *x = hwy::AllocateAligned<float>(padded);
  staged = hwy::AllocateAligned<std::uint16_t>(kMostLanes * padded);
  lanes = hwy::AllocateAligned<std::uint32_t>(kDualRowLimit * padded / 2 * kMostLanes);
  inverse = hwy::AllocateAligned<float>(padded * kMostLanes);
  kernel = hwy::AllocateAligned<float>(kDualRowLimit * kDualRowLimit * kMostLanes);
  inverse_weights = hwy::AllocateAligned<float>(kDualRowLimit * kMostLanes);
  dual = hwy::AllocateAligned<float>(kDualRowLimit * kMostLanes);
  solved = hwy::AllocateAligned<float>(kMostLanes * padded);
}

HWY_EXPORT(piece);

Offset solve_piece(const RowSolverSetup& setup, Offset begin, Offset end, RowScratch& scratch, Matrix<float> out) {
  return HWY_DYNAMIC_DISPATCH(piece)(setup, begin, end, scratch, out);
}

}  // namespace nextbest::cpu
#endif  // HWY_ONCE
