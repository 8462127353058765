#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/core/context.hpp"
#include "models/history.hpp"
#include "models/ridge/params.hpp"
#include "models/source.hpp"

namespace nextbest {

/// The source "ridge": the next basket regressed on the past, over customers.
///     B = arg min sum_u |y_u - x_u B|^2 + penalty |B|^2       (kernels/ops/ridge_top_k.hpp)
///     score(c, j) = sum_i x_c,i B_ij
/// y_u = one of the `targets` newest baskets of a customer, x_u = what he had before it (PastVectors), x_c = all that c
/// has had, penalty = ridge * mean of the diagonal of X^T X. What predicts an item may be the item itself, which is how
/// repeats are learnt; x and y of a row have no basket in common, so no row contains its answer. Of each item the
/// `kept` weights of largest magnitude stay. The `items` items that most
/// baskets hold take part, others neither predict nor are offered. Computed on the host whatever ctx.device is.
/// popularity  [items] baskets with the item; decides who takes part, and breaks ties
/// Memory while fitting: 4 items^2 bytes; then 16 items * kept.
std::unique_ptr<Source> fit_ridge(Context& ctx, const HistoryView& history, std::vector<std::int64_t> popularity,
                                  const RidgeParams& params = {});

}  // namespace nextbest
