#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/core/context.hpp"
#include "models/ease/params.hpp"
#include "models/history.hpp"
#include "models/source.hpp"

namespace nextbest {

/// The source "ease": every item regressed on the others over customers' histories, so that of two items that explain
/// the same purchases each counts half, where co-purchase counts both in full.
///     B = arg min over zero diagonals of sum_u d_u^-user |x_u - x_u B|^2 + sum_i penalty_i |B_i|^2
///     penalty_i = ridge * mean(G_ii) + dropout / (1 - dropout) * G_ii,   G = sum_u d_u^-user x_u^T x_u
///     (the mean over the items that take part)
///     score(c, j) = sum over anchors a of weight(a) * B_aj * d_j^-target        (d = customers with the item)
/// Catalogues of up to dense_items items with min_customers: exactly (kernels/ops/ease_top_k.hpp). Larger ones: each
/// item on its `predictors` nearest by weighted cosine (kernels/ops/regress_on_neighbours.hpp), where pairs beyond the
/// kGramianLists x predictors nearest of both items count as never bought together. Of each item the `kept` weights of
/// largest magnitude stay, negative ones too. Items of fewer customers are neither offered nor anchors.
/// Memory while fitting: 4 dense_items^2 bytes, or 8 kGramianLists x predictors bytes per item.
std::unique_ptr<Source> fit_ease(Context& ctx, const HistoryView& history, std::vector<std::int64_t> popularity,
                                 const EaseParams& params = {});

inline constexpr int kGramianLists = 2;

}  // namespace nextbest
