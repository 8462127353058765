#pragma once

#include <vector>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"

namespace nextbest {

/// Another numbering of customers and items under which ALS finds what it gathers close together: both ascending in
/// their number of ratings, customers with equally many by their most popular item, then by code.
struct IalsOrdering {
  std::vector<Code> customers;  ///< [customers] code of the one at each place
  std::vector<Code> items;      ///< [items]
  Csr<float> by_customer;       ///< the ratings in that numbering, rows sorted
  Csr<float> by_item;           ///< their transpose
};

/// Frees the ratings as soon as it can: two copies of them are the most that there is at a time.
/// Temporary memory: 16 bytes per customer.
IalsOrdering ials_ordering(Context& ctx, Csr<float> ratings);

}  // namespace nextbest
