#include "kernels/ops/rotate.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "kernels/core/parallel.hpp"
#include "kernels/cpu/blas.hpp"
#include "kernels/cpu/rough_product.hpp"

namespace nextbest::cpu {
namespace {

constexpr Offset kBlockRows = RoughProduct::kRows;

/// use(block of rows, their products with the rotation), where the products stand in memory of their own.
template <class Use>
void with_products(const Context& ctx, Matrix<const float> factors, Matrix<const double> rotation, Use&& use) {
  const Offset dim = factors.cols;
  std::vector<float> q(dim * dim);
  for (Offset r = 0; r < dim; ++r) std::copy_n(rotation.row(r), dim, q.data() + r * dim);
  const Context uninterrupted{ctx.device, ctx.threads, {}, {}};  // half-rotated factors are of no use
  std::vector<std::vector<float>> products(std::max(ctx.threads, 1));
  parallel_for(uninterrupted, factors.rows, kBlockRows, [&](Offset begin, Offset end, int thread) {
    products[thread].resize(kBlockRows * dim);
    const Matrix<float> product(products[thread].data(), end - begin, dim);
    multiply(factors.row(begin), factors.stride, q.data(), end - begin, dim, product.data);
    use(begin, product);
  });
}

template <class Use>
void with_rough_products(const Context& ctx, Matrix<const float> factors, Matrix<const double> rotation, Use&& use) {
  if (!has_rough_product()) return with_products(ctx, factors, rotation, use);
  const RoughProduct q(rotation);
  const Context uninterrupted{ctx.device, ctx.threads, {}, {}};
  std::vector<std::unique_ptr<RoughProduct::Scratch>> scratch(std::max(ctx.threads, 1));
  parallel_for(uninterrupted, factors.rows, kBlockRows, [&](Offset begin, Offset end, int thread) {
    if (!scratch[thread]) scratch[thread] = std::make_unique<RoughProduct::Scratch>(q);
    q.multiply(factors.slice(begin, end), *scratch[thread]);
    use(begin, Matrix<float>(scratch[thread]->result.get(), end - begin, q.dim, q.columns));
  });
}

/// Puts rows that follow `begin` in place.
auto into(const Matrix<float>& factors) {
  return [factors](Offset begin, const Matrix<float>& product) {
    for (Offset r = 0; r < product.rows; ++r) std::copy_n(product.row(r), product.cols, factors.row(begin + r));
  };
}

}  // namespace

void rotate(Context& ctx, Matrix<float> factors, Matrix<const double> rotation) {
  with_products(ctx, factors, rotation, into(factors));
}

void rotate_roughly(Context& ctx, Matrix<float> factors, Matrix<const double> rotation) {
  with_rough_products(ctx, factors, rotation, into(factors));
}

void rotate_rounded(Context& ctx, Matrix<const float> factors, Matrix<const double> rotation,
                    Matrix<BFloat16> rounded) {
  with_rough_products(ctx, factors, rotation, [&](Offset begin, const Matrix<float>& product) {
    for (Offset r = 0; r < product.rows; ++r)
      round_row(product.row(r), product.cols, reinterpret_cast<std::uint16_t*>(rounded.row(begin + r)));
  });
}

}  // namespace nextbest::cpu
