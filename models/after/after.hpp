#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/core/context.hpp"
#include "models/after/params.hpp"
#include "models/history.hpp"
#include "models/source.hpp"

namespace nextbest {

/// The source "after": offers what customers bought in orders after what the customer bought, recent purchases first.
///     worth(a, b) = C(a, b) / (O_a + prior) * lines with b^-target
///     C(a, b) = sum over purchases of a and strictly later ones of b by the same customer, at most window_days apart,
///               of gap_decay^(orders between) * 2^(-days between / gap_half_life) * 2^(-age of the earlier /
///               half_life)
///     O_a     = sum over b of C(a, b): so a purchase that had little time to be followed counts little
/// No pairs without times or with one order per customer. See kernels/ops/sequence_top_k.hpp and neighbours.hpp.
std::unique_ptr<Source> fit_after(Context& ctx, const HistoryView& history, std::vector<std::int64_t> popularity,
                                  const AfterParams& params = {});

}  // namespace nextbest
