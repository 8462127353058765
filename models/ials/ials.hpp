#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "models/history.hpp"
#include "models/ials/params.hpp"
#include "models/source.hpp"

namespace nextbest {

/// What fitting gives: W [customers, dim], H [items, dim] in one basis, row-major, and how it went.
struct IalsFactors {
  Offset dim = 0;
  std::vector<float> customers;
  std::vector<float> items;
  std::vector<double> objective;  ///< L after each iteration
  std::vector<double> iteration_seconds;

  Matrix<const float> customer_matrix() const {
    return {customers.data(), static_cast<Offset>(customers.size()) / dim, dim};
  }
  Matrix<const float> item_matrix() const { return {items.data(), static_cast<Offset>(items.size()) / dim, dim}; }
};

/// Confidences do not fall below this, however long ago the purchase: smaller ones would only cost precision.
inline constexpr double kSmallestConfidence = 0x1p-30;

/// The rating matrix [customers, items] of a history: c = 1 (no values), or
/// (1 + ln(1 + count)) * 2^(-(as_of - last) / half_life), count = baskets of the customer with the item, last = the
/// newest of them. Anonymous baskets do not enter.
Csr<float> ials_ratings(const HistoryView& history, const IalsParams& params);

/// Alternating least squares for the objective of kernels/ops/embedding_loss.hpp (Rendle et al. 2022): init
/// N(0, (.1 / sqrt(dim))^2) from Philox (stream 1 customers, 2 items; index = row * dim + column), per iteration a
/// customer step then an item step, each in the eigenbasis of the fixed side. on_iteration(i, objective) after each.
/// Rows without ratings end as zero. The same bits for every number of threads.
/// Temporary memory: the transpose of the ratings, and 64 dim^2 doubles.
/// @throws NumericalError naming step and row; UsageError; Interrupted when ctx.cancelled says so
IalsFactors fit_ials(Context& ctx, const CsrView<float>& ratings, const IalsParams& params,
                     const std::function<void(int iteration, double objective)>& on_iteration = {});

/// The source "ials": score_top_k over the factors. Customers without history get an empty list.
std::unique_ptr<Source> make_ials_source(std::shared_ptr<const IalsFactors> factors,
                                         std::vector<std::int64_t> popularity);

}  // namespace nextbest
