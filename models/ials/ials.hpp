#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "models/history.hpp"
#include "models/ials/params.hpp"
#include "models/source.hpp"

namespace nextbest {

/// What fitting gives: W [customers, dim], H [items, dim], row-major, and how it went. Both stand in the eigenbasis of
/// H^T H, the largest eigenvalue first.
struct IalsFactors {
  Offset dim = 0;
  std::vector<float> customers;
  std::vector<float> items;
  std::vector<Offset> customer_entries;   ///< [customers] different items that each was fitted on
  std::vector<double> objective;          ///< L after each iteration
  std::vector<double> iteration_seconds;  ///< of both half-steps, without the objective

  Matrix<const float> customer_matrix() const {
    return {customers.data(), static_cast<Offset>(customers.size()) / dim, dim};
  }
  Matrix<const float> item_matrix() const { return {items.data(), static_cast<Offset>(items.size()) / dim, dim}; }
};

/// Confidences do not fall below this, however long ago the purchase: smaller ones would only cost precision.
inline constexpr double kSmallestConfidence = 0x1p-30;

/// The rating matrix [customers, items] of a history: c = 1 (no values), or
/// (1 + ln(1 + count)) * 2^(-(as_of - last) / half_life), count = baskets of the customer with the item, last = the
/// newest of them. Anonymous baskets do not enter. The same for every number of threads.
Csr<float> ials_ratings(const Context& ctx, const HistoryView& history, const IalsParams& params);
/// Some of its rows: row r is that of customers[r].
Csr<float> ials_ratings(const Context& ctx, const HistoryView& history, const IalsParams& params,
                        std::span<const Code> customers);

/// Alternating least squares for the objective of kernels/ops/embedding_loss.hpp (Rendle et al. 2022): init
/// N(0, (.1 / sqrt(dim))^2) from Philox (stream 1 customers, 2 items; index = row * dim + column), per iteration a
/// customer step then an item step, each in the eigenbasis of the fixed side. on_iteration(i, objective) after each.
/// ctx.progress counts solved rows. Rows without ratings end as zero. The same bits for every number of threads.
/// Temporary memory: beside the ratings, which it frees, twice as much as they take, both sides once more, the larger
/// side in 16 bits, and 64 dim^2 doubles.
/// @throws NumericalError naming step and row; UsageError; Interrupted when ctx.cancelled says so
IalsFactors fit_ials(Context& ctx, Csr<float> ratings, const IalsParams& params,
                     const std::function<void(int iteration, double objective)>& on_iteration = {});

/// The source "ials": score_top_k over the factors, which are indexed once. Customers whose history holds another
/// number of different items than the model was fitted on are folded in first: one customer step from their last
/// vector, or from zero. Customers without history get an empty list. params are those of the fit; ctx.device is where
/// it will be asked.
std::unique_ptr<Source> make_ials_source(Context& ctx, std::shared_ptr<const IalsFactors> factors,
                                         const IalsParams& params, std::vector<std::int64_t> popularity);

}  // namespace nextbest
