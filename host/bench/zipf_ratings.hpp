#pragma once

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"

namespace nextbest::bench {

/// A rating matrix [customers, items] like that of a retailer, every weight 1 (no values): the numbers of lines per
/// customer are lognormal (sigma 1) around a mean of 14.5, half of a customer's lines come from three favourite
/// categories of 300, half from all items; popularity follows Zipf's law, P ~ 1 / (rank + 20), with the ranks spread
/// over the codes at random. Equal lines count once. 1,550,000 customers and 300,000 items give about 23 million
/// entries. The same for every number of threads.
Csr<float> zipf_ratings(const Context& ctx, Offset customers, Offset items, std::uint64_t seed = 1);

}  // namespace nextbest::bench
