#pragma once

#include <string>

#include "host/store/order_log.hpp"
#include "kernels/core/context.hpp"

namespace nextbest {

/// The first thing in a log that does not hold together, in words; empty when all of it does. What is checked is
/// everything that others rely on when they index: sizes, ascending offsets, codes within their dictionaries, the order
/// of items within a basket and of a customer's baskets in time. One pass over the log.
std::string order_log_problem(const OrderLog& log, const Context& ctx = {});

}  // namespace nextbest
