#include <vector>

#include "kernels/cuda/buffer.hpp"
#include "kernels/cuda/device/warp.cuh"
#include "kernels/cuda/gramian.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/sum.hpp"
#include "kernels/cuda/transpose.hpp"
#include "kernels/ops/embedding_loss.hpp"

namespace nextbest::cuda {
namespace {

constexpr int kThreads = 256;
constexpr Offset kPieceEntries = 512;

// The row that holds the entry: the last one that starts at or before it.
__device__ Offset row_of_entry(const DeviceCsr& csr, Offset entry) {
  Offset low = 0, high = csr.rows;
  while (high - low > 1) {
    const Offset middle = low + (high - low) / 2;
    (csr.indptr[middle] <= entry ? low : high) = middle;
  }
  return low;
}

// Warp: the entries of one piece after another, one entry at a time. Lane: every 32nd dimension.
// Result: out [pieces], sum of c (w . h - 1)^2 over the piece.
__global__ void __launch_bounds__(kThreads)
    observed_kernel(DeviceCsr ratings, const float* users, const float* items, Offset dim, double* out) {
  const Offset pieces = (ratings.nnz + kPieceEntries - 1) / kPieceEntries;
  const Offset warps = static_cast<Offset>(gridDim.x) * (kThreads / kWarpSize);
  for (Offset p = (static_cast<Offset>(blockIdx.x) * kThreads + threadIdx.x) / kWarpSize; p < pieces; p += warps) {
    const Offset begin = p * kPieceEntries;
    const Offset end = begin + kPieceEntries < ratings.nnz ? begin + kPieceEntries : ratings.nnz;
    Offset row = row_of_entry(ratings, begin);
    double sum = 0;
    for (Offset i = begin; i < end; ++i) {
      while (ratings.indptr[row + 1] <= i) ++row;
      const float *w = users + row * dim, *h = items + ratings.indices[i] * dim;
      double dot = 0;
      for (Offset k = lane_of_thread(); k < dim; k += kWarpSize)
        dot = fma(static_cast<double>(w[k]), static_cast<double>(h[k]), dot);
      const double error = warp_sum(dot) - 1.0;
      sum += (ratings.values == nullptr ? 1.0 : static_cast<double>(ratings.values[i])) * error * error;
    }
    if (lane_of_thread() == 0) out[p] = sum;
  }
}

// Warp: one row of factors [rows, dim] after another, with its ratings. Result: out [rows], f^nu |x|^2 with
// f = sum of c + constant.
__global__ void __launch_bounds__(kThreads)
    penalty_kernel(DeviceCsr ratings, const float* factors, Offset dim, double constant, double exponent, double* out) {
  const Offset warps = static_cast<Offset>(gridDim.x) * (kThreads / kWarpSize);
  for (Offset r = (static_cast<Offset>(blockIdx.x) * kThreads + threadIdx.x) / kWarpSize; r < ratings.rows;
       r += warps) {
    double weight = 0, square = 0;
    for (Offset i = ratings.indptr[r] + lane_of_thread(); i < ratings.indptr[r + 1]; i += kWarpSize)
      weight += ratings.values == nullptr ? 1.0 : static_cast<double>(ratings.values[i]);
    for (Offset k = lane_of_thread(); k < dim; k += kWarpSize) {
      const double x = factors[r * dim + k];
      square = fma(x, x, square);
    }
    weight = warp_sum(weight) + constant;
    square = warp_sum(square);
    if (lane_of_thread() == 0) out[r] = square > 0 ? pow(weight, exponent) * square : square;
  }
}

double observed_loss(const Stream& stream, const DeviceCsr& ratings, const float* users, const float* items,
                     Offset dim) {
  const Offset pieces = (ratings.nnz + kPieceEntries - 1) / kPieceEntries;
  const Buffer<double> sums(stream, pieces);
  launch(stream, "observed_kernel", for_elements(device_limits(stream), pieces * kWarpSize, kThreads), observed_kernel,
         ratings, users, items, dim, sums.data());
  return sum_on_device(stream, sums.data(), pieces);
}

double penalty(const Stream& stream, const DeviceCsr& ratings, const float* factors, Offset dim, double constant,
               double exponent) {
  const Buffer<double> terms(stream, ratings.rows);
  launch(stream, "penalty_kernel", for_elements(device_limits(stream), ratings.rows * kWarpSize, kThreads),
         penalty_kernel, ratings, factors, dim, constant, exponent, terms.data());
  return sum_on_device(stream, terms.data(), ratings.rows);
}

std::vector<double> gramian_of(const Stream& stream, const float* factors, Offset rows, Offset dim) {
  const Buffer<double> on_device(stream, dim * dim);
  std::vector<double> gramian(dim * dim);
  device_gramian(stream, factors, rows, dim, on_device.data());
  to_host(stream, on_device.data(), std::span(gramian));
  stream.synchronize();
  return gramian;
}

}  // namespace

double embedding_loss(Context&, const CsrView<float>& ratings, Matrix<const float> users, Matrix<const float> items,
                      const LossParams& params) {
  const Stream stream("embedding_loss");
  const Offset dim = users.cols;
  const CsrBuffer by_user(stream, ratings);
  const CsrBuffer by_item = transpose_on_device(stream, by_user.view());
  const Buffer<float> w = to_device(stream, users), h = to_device(stream, items);
  const double alpha0 = params.unobserved_weight, nu = params.frequency_exponent;
  double all_pairs = 0;
  const std::vector<double> of_users = gramian_of(stream, w.data(), users.rows, dim);
  const std::vector<double> of_items = gramian_of(stream, h.data(), items.rows, dim);
  for (Offset k = 0; k < dim * dim; ++k) all_pairs += of_users[k] * of_items[k];
  return observed_loss(stream, by_user.view(), w.data(), h.data(), dim) + alpha0 * all_pairs +
         params.regularization *
             (penalty(stream, by_user.view(), w.data(), dim, alpha0 * static_cast<double>(items.rows), nu) +
              penalty(stream, by_item.view(), h.data(), dim, alpha0 * static_cast<double>(users.rows), nu));
}

}  // namespace nextbest::cuda
