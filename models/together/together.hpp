#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/core/context.hpp"
#include "models/history.hpp"
#include "models/neighbours/neighbours.hpp"
#include "models/source.hpp"
#include "models/together/params.hpp"

namespace nextbest {

/// The source "together": offers what is bought together with what the customer bought, recent purchases first.
///     worth(a, b) = (sum over pairs of lines of one customer of gap_decay^(orders between)
///                    * 2^(-days between / gap_half_life) * 2^(-age of the older / half_life))^sharpness
///                   * lines with a^-anchor * lines with b^-target
/// Items of one order are 0 apart, and so are whole histories where there are no orders. Orders close in time count
/// because many data sets know an order only by its day or split one need over several; with gap_decay = 0 and
/// exponents of 1/2 this is the cosine of co-purchase. See kernels/ops/sequence_top_k.hpp and neighbours.hpp.
std::unique_ptr<Source> fit_together(Context& ctx, const HistoryView& history, std::vector<std::int64_t> popularity,
                                     const TogetherParams& params = {});

}  // namespace nextbest
