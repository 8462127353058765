#pragma once

#include <vector>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"

namespace nextbest::bench {

struct Baskets {
  Csr<float> items;             ///< [baskets, items], ascending codes
  std::vector<Code> customers;  ///< [baskets] ascending
};

/// Baskets like a retailer's: 2.13 per customer on average (geometric), 7.1 lines each (lognormal, sigma 0.7). A third
/// of the lines repeat what the customer bought before; of the others half come from three favourite categories of
/// 300, half from all items. Popularity follows Zipf's law, P ~ 1 / (rank + 20). Equal lines of a basket count once.
/// 1,550,000 customers and 300,000 items give 3.3 million baskets of 24 million lines. The same for every number of
/// threads.
/// in_every_basket  one more item, the last code, that all baskets hold
Baskets zipf_baskets(const Context& ctx, Offset customers, Offset items, bool in_every_basket = false,
                     std::uint64_t seed = 1);

}  // namespace nextbest::bench
