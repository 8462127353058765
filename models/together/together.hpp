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

/// The source "together". Counts co-purchase in the orders of the history (each customer's whole history where there
/// are no orders) and offers what is bought together with what the customer bought, the recent purchases first; see
/// neighbours.hpp.
std::unique_ptr<Source> fit_together(Context& ctx, const HistoryView& history, std::vector<std::int64_t> popularity,
                                     const TogetherParams& params = {});

}  // namespace nextbest
