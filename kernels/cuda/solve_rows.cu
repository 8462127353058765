#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/cuda/chunks.hpp"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/row_systems.cuh"
#include "kernels/ops/device_bytes.hpp"
#include "kernels/ops/solve_rows.hpp"

namespace nextbest::cuda {
namespace {

constexpr int kLeastEntries = 16;                // staged at a time where they fit: fewer kernels to tell apart
constexpr std::size_t kStagedBytes = 48 * 1024;  // of shared memory for a warp: four warps and more to a multiprocessor
constexpr unsigned long long kNone = std::numeric_limits<unsigned long long>::max();

std::string name(Offset row) {
  return "solve_rows: row " + std::to_string(row);
}

// Thread: one entry after another. Result: first_bad, the first that the contract does not allow.
__global__ void check_kernel(DeviceCsr ratings, unsigned long long* first_bad) {
  for_each_index(ratings.nnz, [&](Offset i) {
    const Code code = ratings.indices[i];
    const float weight = ratings.values == nullptr ? 1.0f : ratings.values[i];
    if (code < 0 || code >= ratings.cols || !(weight > 0) || !std::isfinite(weight))
      atomicMin(first_bad, static_cast<unsigned long long>(i));
  });
}

[[noreturn]] void throw_bad_entry(const CsrView<float>& ratings, Offset row, Offset entry) {
  const Code code = ratings.indices[entry];
  if (code < 0 || code >= ratings.cols)
    throw InvalidArgument(name(row) + " holds code " + std::to_string(code) + " of " + std::to_string(ratings.cols));
  throw InvalidArgument(name(row) + " holds weight " + std::to_string(ratings.values[entry]) +
                        "; weights must be finite and above 0");
}

/// What all rows of a call share: factors in rows of whole quads, and the dense part of the systems.
class Fixed {
 public:
  explicit Fixed(const RowSystems& systems)
      : stream_("solve_rows"), quads_(static_cast<int>((systems.factors.cols + 7) / 8)) {
    const Matrix<const BFloat16>& h = systems.factors;
    factors_ = zeros<uint4>(stream_, h.rows * quads_);
    copy_rows_to_device(stream_, factors_.data(), quads_ * sizeof(uint4), h.data, h.stride * sizeof(BFloat16),
                        h.cols * sizeof(BFloat16), h.rows);
    std::vector<float> dense(8 * quads_, 0.0f);
    for (Offset k = 0; k < h.cols; ++k)
      dense[k] = static_cast<float>(systems.unobserved_weight * systems.eigenvalues[k]);
    dense_ = to_device(stream_, std::span<const float>(dense));
    stream_.synchronize();
    choose_capacity();
  }
  DeviceSystems view(const RowSystems& systems) const {
    return {{},
            factors_.data(),
            dense_.data(),
            systems.factors.cols,
            quads_,
            systems.unobserved_weight * static_cast<double>(systems.factors.rows),
            systems.regularization,
            systems.frequency_exponent,
            systems.steps,
            nullptr,
            nullptr};
  }
  int capacity() const { return capacity_; }  ///< entries that a warp can stage

 private:
  void choose_capacity() {
    capacity_ = kPieceEntries;
    while (capacity_ > 1 && shared_bytes(quads_, capacity_) > kStagedBytes) capacity_ /= 2;
    const std::size_t least = shared_bytes(quads_, capacity_), most = device_limits(stream_).shared_bytes;
    if (least > most)
      throw DoesNotFit("solve_rows: a row of so many dimensions in shared memory of the GPU",
                       static_cast<std::int64_t>(least), static_cast<std::int64_t>(most));
  }

  Stream stream_;
  int quads_;
  int capacity_ = 0;
  Buffer<uint4> factors_;
  Buffer<float> dense_;
};

/// Rows of a chunk by the way in which they are solved.
struct Bins {
  std::vector<Code> dual;
  std::vector<Code> middle[8];  ///< by the logarithm of what they stage
  std::vector<Code> longer;

  Bins(const CsrView<float>& ratings, Offset dim, int capacity) {
    for (Offset r = 0; r < ratings.rows(); ++r) {
      const Offset n = ratings.row_size(r);
      const auto row = static_cast<Code>(r);
      if (n == 0 || (n <= kDualRowLimit && n < dim))
        dual.push_back(row);
      else if (n > capacity)
        longer.push_back(row);
      else
        middle[class_of(static_cast<int>(n), capacity)].push_back(row);
    }
  }
  static int class_of(int n, int capacity) {
    return static_cast<int>(std::bit_width(static_cast<unsigned>(std::max(n, std::min(kLeastEntries, capacity))) - 1));
  }
};
static_assert(1 << 7 == kPieceEntries);

/// Rows [begin, end) on their way, see in_chunks().
class Chunk {
 public:
  Chunk(const RowSystems& all, const Fixed& fixed, const Matrix<float>& out, Offset begin, Offset end)
      : slice_(all.ratings.slice(begin, end)),
        bins_(slice_, out.cols, fixed.capacity()),
        longer_(bins_.longer, slice_.indptr),
        stream_("solve_rows"),
        begin_(begin),
        out_(out.slice(begin, end)),
        ratings_(stream_, slice_),
        solutions_(to_device(stream_, out_)),
        first_bad_(stream_, 2) {
    fill_bytes(stream_, first_bad_.data(), 0xFF, 2 * sizeof(kNone));
    check();
    DeviceSystems systems = fixed.view(all);
    systems.ratings = ratings_.view();
    systems.out = solutions_.data();
    systems.bad = first_bad_.data() + 1;
    solve_dual(stream_, systems, bins_.dual);
    for (int size = 0; size < 8; ++size) solve_middle(stream_, systems, bins_.middle[size], 1 << size);
    solve_long(stream_, systems, longer_, fixed.capacity());
  }

  void finish() {
    unsigned long long bad = kNone;
    to_host(stream_, static_cast<const unsigned long long*>(first_bad_.data()) + 1, std::span(&bad, 1));
    to_host(stream_, static_cast<const float*>(solutions_.data()), out_);
    stream_.synchronize();
    if (bad != kNone) throw NumericalError(name(begin_ + static_cast<Offset>(bad)) + " has no finite solution");
  }

 private:
  // Before anything follows the codes.
  void check() {
    unsigned long long bad = kNone;
    launch(stream_, "check_kernel", for_elements(device_limits(stream_), slice_.nnz()), check_kernel, ratings_.view(),
           first_bad_.data());
    to_host(stream_, static_cast<const unsigned long long*>(first_bad_.data()), std::span(&bad, 1));
    stream_.synchronize();
    if (bad == kNone) return;
    const Offset entry = slice_.indptr.front() + static_cast<Offset>(bad);
    const auto row = std::upper_bound(slice_.indptr.begin(), slice_.indptr.end(), entry) - slice_.indptr.begin() - 1;
    throw_bad_entry(slice_, begin_ + row, entry);
  }

  CsrView<float> slice_;
  Bins bins_;  // this and the next outlive the stream, which reads them
  LongRows longer_;
  Stream stream_;
  Offset begin_;
  Matrix<float> out_;
  CsrBuffer ratings_;
  Buffer<float> solutions_;
  Buffer<unsigned long long> first_bad_;
};

}  // namespace

void solve_rows(Context& ctx, const RowSystems& systems, Matrix<float> out) {
  const Fixed fixed(systems);
  in_chunks(ctx, out.rows, kSolvedRowsAtATime,
            [&](Offset begin, Offset end) { return std::make_unique<Chunk>(systems, fixed, out, begin, end); });
}

}  // namespace nextbest::cuda
