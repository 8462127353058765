#include "kernels/cpu/pair_index.hpp"

#include "kernels/ops/transpose.hpp"

namespace nextbest::cpu {
namespace {

Csr<float> copy_of(const CsrView<float>& rows) {
  Csr<float> copy;
  copy.cols = rows.cols;
  for (Offset r = 0; r < rows.rows(); ++r) {
    const auto row = rows.row(r);
    copy.indices.insert(copy.indices.end(), row.begin(), row.end());
    copy.indptr.push_back(static_cast<Offset>(copy.indices.size()));
  }
  return copy;
}

}  // namespace

CpuPairIndex::CpuPairIndex(Context& ctx, const PairUnits& given)
    : PairIndex(Device::kCpu, given, pair_totals(ctx, given)),
      cross_(given.cross()),
      baskets_(copy_of(given.baskets)),
      partners_(copy_of(given.partners)),
      weights_(given.weights.begin(), given.weights.end()),
      customers_(given.customers.begin(), given.customers.end()) {
  nextbest::transpose(ctx, baskets_.view(), by_item_);
}

std::unique_ptr<const PairIndex> index_pairs(Context& ctx, const PairUnits& units) {
  return std::make_unique<CpuPairIndex>(ctx, units);
}

}  // namespace nextbest::cpu
