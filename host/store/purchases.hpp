#pragma once

#include <cstdint>

#include "host/store/order_log.hpp"
#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"

namespace nextbest {

/// The matrix [customers, items] of the number of baskets in which a customer bought an item; test baskets are left
/// out, and so are those of nobody. Rows have ascending, distinct items.
Csr<std::int32_t> purchase_counts(const OrderLog& log, const Context& ctx = {});

}  // namespace nextbest
