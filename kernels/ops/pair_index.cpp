#include "kernels/ops/pair_index.hpp"

#include <limits>

#include "kernels/core/expects.hpp"

namespace nextbest {

std::unique_ptr<const PairIndex> index_pairs(Context& ctx, const PairUnits& units) {
  constexpr const char* kName = "index_pairs";
  const Offset rows = units.baskets.rows();
  expects(rows < std::numeric_limits<Code>::max(), kName, "2^31 units or more do not fit codes of 32 bits");
  if (!units.weights.empty())
    expects_equal(static_cast<Offset>(units.weights.size()), rows, kName, "number of weights");
  if (!units.customers.empty())
    expects_equal(static_cast<Offset>(units.customers.size()), rows, kName, "number of customers");
  if (units.cross()) {
    expects_equal(units.partners.rows(), rows, kName, "rows of partners (units)");
    expects_equal(units.partners.cols, units.baskets.cols, kName, "columns of partners (items)");
  }
  return (ctx.device == Device::kCuda ? cuda::index_pairs : cpu::index_pairs)(ctx, units);
}

}  // namespace nextbest
