#include <algorithm>
#include <memory>
#include <numeric>
#include <vector>

#include "kernels/cuda/buffer.hpp"
#include "kernels/cuda/chunks.hpp"
#include "kernels/cuda/device/warp.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/sum.hpp"
#include "kernels/ops/device_bytes.hpp"
#include "kernels/ops/embedding_loss.hpp"
#include "kernels/ops/gramian.hpp"

namespace nextbest::cuda {
namespace {

constexpr int kThreads = 256;

// f^nu |x|^2, 0 where x is 0. The whole warp must call it.
__device__ double penalty_of_row(const float* x, Offset dim, double frequency, double exponent) {
  double square = 0;
  for (Offset k = lane_of_thread(); k < dim; k += kWarpSize) {
    const double value = x[k];
    square = fma(value, value, square);
  }
  square = warp_sum(square);
  return square > 0 ? pow(frequency, exponent) * square : square;
}

// Warp: one user after another, one entry at a time. Lane: every 32nd dimension. Result: observed [users], the user's
// sum of c (w . h - 1)^2, and penalty [users], f^nu |w|^2 with f = sum of c + constant.
__global__ void __launch_bounds__(kThreads)
    users_kernel(DeviceCsr ratings, const float* users, const float* items, Offset dim, double constant,
                 double exponent, double* observed, double* penalty) {
  const Offset warps = static_cast<Offset>(gridDim.x) * (kThreads / kWarpSize);
  for (Offset r = (static_cast<Offset>(blockIdx.x) * kThreads + threadIdx.x) / kWarpSize; r < ratings.rows;
       r += warps) {
    const float* w = users + r * dim;
    double sum = 0, weight = 0;
    for (Offset i = ratings.indptr[r]; i < ratings.indptr[r + 1]; ++i) {
      const float* h = items + ratings.indices[i] * dim;
      const double c = ratings.values == nullptr ? 1.0 : static_cast<double>(ratings.values[i]);
      double dot = 0;
      for (Offset k = lane_of_thread(); k < dim; k += kWarpSize)
        dot = fma(static_cast<double>(w[k]), static_cast<double>(h[k]), dot);
      const double error = warp_sum(dot) - 1.0;
      sum += c * error * error;
      weight += c;
    }
    const double of_row = penalty_of_row(w, dim, weight + constant, exponent);
    if (lane_of_thread() != 0) continue;
    observed[r] = sum;
    penalty[r] = of_row;
  }
}

// Warp: one item after another. Result: penalty [rows], f^nu |h|^2.
__global__ void __launch_bounds__(kThreads) items_kernel(const float* items, const double* frequency, Offset rows,
                                                         Offset dim, double exponent, double* penalty) {
  const Offset warps = static_cast<Offset>(gridDim.x) * (kThreads / kWarpSize);
  for (Offset r = (static_cast<Offset>(blockIdx.x) * kThreads + threadIdx.x) / kWarpSize; r < rows; r += warps) {
    const double of_row = penalty_of_row(items + r * dim, dim, frequency[r], exponent);
    if (lane_of_thread() == 0) penalty[r] = of_row;
  }
}

/// f of every item. On the host: an atomic sum would depend on who comes first.
std::vector<double> item_frequencies(const CsrView<float>& ratings, Offset items, double constant) {
  std::vector<double> sums(items, 0.0);
  for (Offset r = 0; r < ratings.rows(); ++r) {
    const auto codes = ratings.row(r);
    const auto values = ratings.row_values(r);
    for (std::size_t i = 0; i < codes.size(); ++i) sums[codes[i]] += values.empty() ? 1.0 : values[i];
  }
  for (double& sum : sums) sum += constant;
  return sums;
}

double items_penalty(const Stream& stream, const float* items, std::span<const double> frequency, Offset dim,
                     double exponent) {
  const auto rows = static_cast<Offset>(frequency.size());
  const Buffer<double> on_device = to_device(stream, frequency), terms(stream, rows);
  launch(stream, "items_kernel", for_elements(device_limits(stream), rows * kWarpSize, kThreads), items_kernel, items,
         on_device.data(), rows, dim, exponent, terms.data());
  return sum_on_device(stream, terms.data(), rows);
}

double all_pairs(Context& ctx, Matrix<const float> users, Matrix<const float> items) {
  const Offset dim = users.cols;
  std::vector<double> of_users(dim * dim), of_items(dim * dim);
  cuda::gramian(ctx, users, {of_users.data(), dim, dim});
  cuda::gramian(ctx, items, {of_items.data(), dim, dim});
  return std::inner_product(of_users.begin(), of_users.end(), of_items.begin(), 0.0);
}

/// Some of the users on their way, see in_chunks().
class Chunk {
 public:
  Chunk(const CsrView<float>& ratings, Matrix<const float> users, const float* items, double constant, double exponent,
        double* observed, double* penalty)
      : stream_("embedding_loss"), ratings_(stream_, ratings), users_(to_device(stream_, users)) {
    launch(stream_, "users_kernel", for_elements(device_limits(stream_), users.rows * kWarpSize, kThreads),
           users_kernel, ratings_.view(), users_.data(), items, users.cols, constant, exponent, observed, penalty);
  }
  void finish() { stream_.synchronize(); }

 private:
  Stream stream_;
  CsrBuffer ratings_;
  Buffer<float> users_;
};

}  // namespace

double embedding_loss(Context& ctx, const CsrView<float>& ratings, Matrix<const float> users, Matrix<const float> items,
                      const LossParams& params) {
  Context to_the_end{ctx.device, ctx.threads, {}, {}};
  const Offset dim = users.cols;
  const double alpha0 = params.unobserved_weight, nu = params.frequency_exponent;
  const double pairs = all_pairs(to_the_end, users, items);
  const std::vector<double> frequency = item_frequencies(ratings, items.rows, alpha0 * static_cast<double>(users.rows));
  const Stream stream("embedding_loss");
  const Buffer<float> h = to_device(stream, items);
  const Buffer<double> observed(stream, users.rows), penalty(stream, users.rows);
  stream.synchronize();
  in_chunks(to_the_end, users.rows, rows_of_factors_at_a_time(dim), [&](Offset begin, Offset end) {
    return std::make_unique<Chunk>(ratings.slice(begin, end), users.slice(begin, end), h.data(),
                                   alpha0 * static_cast<double>(items.rows), nu, observed.data() + begin,
                                   penalty.data() + begin);
  });
  return sum_on_device(stream, observed.data(), users.rows) + alpha0 * pairs +
         params.regularization *
             (sum_on_device(stream, penalty.data(), users.rows) + items_penalty(stream, h.data(), frequency, dim, nu));
}

}  // namespace nextbest::cuda
