#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"

namespace nextbest {

/// The sets in which pairs (a, b) are counted. Symmetric pairs: a and b from the same set, a basket, or everything that
/// one customer bought within a window. Cross pairs: a from the unit's basket, b from its partners, as when `partners`
/// holds what was bought later.
struct PairUnits {
  CsrView<float> baskets;                 ///< [units, items]; distinct ascending codes per row; values are not read
  std::span<const std::int64_t> weights;  ///< [units] fixed point 2^-20, > 0; empty: every unit counts 1
  std::span<const Code> customers;        ///< [units] whose unit it is, kNoCode: nobody's, adds no customer; the units
                                          ///< of one customer are neighbours; empty: customers are not counted
  CsrView<float> partners = {};           ///< [units, items] like baskets; without indptr the pairs are symmetric

  bool cross() const { return !partners.indptr.empty(); }
  const CsrView<float>& right() const { return cross() ? partners : baskets; }  ///< where the items b stand
};

/// The sums over all units, and over the units with each item: U, n_a, n_b.
struct PairTotals {
  std::int64_t units = 0;                    ///< U
  std::int64_t units_weight = 0;             ///< sum of all weights, fixed point 2^-20
  std::vector<std::int64_t> count;           ///< [items] n_a: units with the item
  std::vector<std::int64_t> weight;          ///< [items] sum of the weights of those units (count << 20 if unweighted)
  std::vector<std::int64_t> partner_count;   ///< [items] the same over `partners`; empty for symmetric pairs
  std::vector<std::int64_t> partner_weight;  ///< [items]

  std::span<const std::int64_t> right_count() const { return partner_count.empty() ? count : partner_count; }
  std::span<const std::int64_t> right_weight() const { return partner_weight.empty() ? weight : partner_weight; }
};

/// Integers, so the same for every number of threads.
/// @throws ShapeMismatch; InvalidArgument a code outside the columns, a weight below 1
PairTotals pair_totals(Context& ctx, const PairUnits& units);

/// The units as the backend counts them: made once, used for every range of rows.
class PairIndex {
 public:
  virtual ~PairIndex() = default;
  PairIndex(const PairIndex&) = delete;
  PairIndex& operator=(const PairIndex&) = delete;

  const Device device;  ///< the backend that made it; no other can read it
  const Offset items;
  const bool weighted;        ///< units have weights
  const bool with_customers;  ///< units have customers
  const PairTotals totals;

 protected:
  PairIndex(Device device_, const PairUnits& units, PairTotals totals_)
      : device(device_),
        items(units.baskets.cols),
        weighted(!units.weights.empty()),
        with_customers(!units.customers.empty()),
        totals(std::move(totals_)) {}
};

/// Copies what it needs: the units may go. Memory on the CPU: 4 bytes per line of the baskets and of the right side
/// each, up to 32 per unit, 56 per item, 32 per item and thread while it is made.
/// On a GPU 24 bytes per line while it is made and 8 afterwards, and up to 24 per unit; where that does not fit, the
/// units stay on the host and are divided in each call of pair_top_k.
/// @throws as pair_totals(); DoesNotFit units of more than 32 GiB
using IndexPairs = std::unique_ptr<const PairIndex>(Context& ctx, const PairUnits& units);
IndexPairs index_pairs;
namespace cpu {
IndexPairs index_pairs;
}
namespace cuda {
IndexPairs index_pairs;
}

}  // namespace nextbest
