#include <algorithm>
#include <string_view>
#include <utility>

#include "kernels/core/bfloat16.hpp"
#include "kernels/ops/solve_rows.hpp"
#include "models/ials/ials.hpp"

namespace nextbest {
namespace {

/// Diagonal of H^T H, which is all of it in the basis that the factors stand in.
std::vector<double> squared_norms(Matrix<const float> factors) {
  std::vector<double> sums(factors.cols, 0.0);
  for (Offset r = 0; r < factors.rows; ++r)
    for (Offset k = 0; k < factors.cols; ++k) sums[k] += static_cast<double>(factors(r, k)) * factors(r, k);
  return sums;
}

std::vector<BFloat16> rounded(const std::vector<float>& factors) {
  std::vector<BFloat16> out(factors.size());
  std::transform(factors.begin(), factors.end(), out.begin(), [](float x) { return BFloat16(x); });
  return out;
}

class IalsSource : public Source {
 public:
  IalsSource(Context& ctx, std::shared_ptr<const IalsFactors> factors, const IalsParams& params,
             std::vector<std::int64_t> popularity)
      : factors_(std::move(factors)),
        params_(params),
        popularity_(std::move(popularity)),
        rounded_items_(rounded(factors_->items)),
        eigenvalues_(squared_norms(factors_->item_matrix())),
        items_(index_items(ctx, factors_->item_matrix(), popularity_)) {}

  std::string_view name() const override { return "ials"; }

  void candidates(Context& ctx, const HistoryView& history, std::span<const Code> customers, const TopKFilter& filter,
                  const TopKLists& out) const override {
    const std::vector<float> vectors = vectors_of(ctx, history, customers);
    const Matrix<const float> users(vectors.data(), static_cast<Offset>(customers.size()), factors_->dim);
    score_top_k(ctx, users, *items_, filter, out);
    // The vector of a customer without history is zero: every item scores 0, which is no reason to offer any.
    for (Offset r = 0; r < users.rows; ++r) {
      if (std::any_of(users.row(r), users.row(r) + users.cols, [](float x) { return x != 0; })) continue;
      std::fill_n(out.item.row(r), out.item.cols, kNoCode);
      std::fill_n(out.score.row(r), out.score.cols, 0.0F);
    }
  }

 private:
  bool knows(Code customer, Offset entries) const {
    return customer < static_cast<Offset>(factors_->customer_entries.size()) &&
           factors_->customer_entries[customer] == entries;
  }

  /// [customers, dim]: as fitted, or folded in.
  std::vector<float> vectors_of(Context& ctx, const HistoryView& history, std::span<const Code> customers) const {
    const Offset dim = factors_->dim;
    const Matrix<const float> fitted = factors_->customer_matrix();
    std::vector<float> vectors(customers.size() * dim, 0.0F);
    for (std::size_t r = 0; r < customers.size(); ++r)
      if (customers[r] < fitted.rows) std::copy_n(fitted.row(customers[r]), dim, vectors.data() + r * dim);

    const Csr<float> ratings = ials_ratings(ctx, history, params_, customers);
    std::vector<std::size_t> changed;
    for (std::size_t r = 0; r < customers.size(); ++r)
      if (!knows(customers[r], ratings.view().row_size(static_cast<Offset>(r)))) changed.push_back(r);
    if (!changed.empty()) fold_in(ctx, history, customers, changed, vectors);
    return vectors;
  }

  void fold_in(Context& ctx, const HistoryView& history, std::span<const Code> customers,
               const std::vector<std::size_t>& changed, std::vector<float>& vectors) const {
    const Offset dim = factors_->dim;
    std::vector<Code> who;
    std::vector<float> solved(changed.size() * dim);
    for (std::size_t i = 0; i < changed.size(); ++i) {
      who.push_back(customers[changed[i]]);
      std::copy_n(vectors.data() + changed[i] * dim, dim, solved.data() + i * dim);
    }
    const Csr<float> ratings = ials_ratings(ctx, history, params_, who);
    RowSystems systems;
    systems.ratings = ratings.view();
    systems.factors = {rounded_items_.data(), factors_->item_matrix().rows, dim};
    systems.eigenvalues = eigenvalues_;
    systems.unobserved_weight = params_.unobserved_weight;
    systems.regularization = params_.regularization;
    systems.frequency_exponent = params_.frequency_exponent;
    solve_rows(ctx, systems, {solved.data(), static_cast<Offset>(changed.size()), dim});
    for (std::size_t i = 0; i < changed.size(); ++i)
      std::copy_n(solved.data() + i * dim, dim, vectors.data() + changed[i] * dim);
  }

  std::shared_ptr<const IalsFactors> factors_;
  IalsParams params_;
  std::vector<std::int64_t> popularity_;
  std::vector<BFloat16> rounded_items_;     ///< for folding in
  std::vector<double> eigenvalues_;         ///< of H^T H
  std::unique_ptr<const ItemIndex> items_;  ///< views factors_ and popularity_
};

}  // namespace

std::unique_ptr<Source> make_ials_source(Context& ctx, std::shared_ptr<const IalsFactors> factors,
                                         const IalsParams& params, std::vector<std::int64_t> popularity) {
  return std::make_unique<IalsSource>(ctx, std::move(factors), params, std::move(popularity));
}

}  // namespace nextbest
