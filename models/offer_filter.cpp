#include "models/offer_filter.hpp"

#include <algorithm>

#include "kernels/core/parallel.hpp"
#include "models/recommender.hpp"

namespace nextbest {
namespace {

Csr<float> rows_of(const Csr<float>& matrix, std::span<const Code> rows) {
  Csr<float> chosen;
  chosen.cols = matrix.cols;
  if (matrix.view().rows() == 0) return chosen;
  for (const Code row : rows) {
    const std::span<const Code> items = matrix.view().row(row);
    chosen.indices.insert(chosen.indices.end(), items.begin(), items.end());
    chosen.indptr.push_back(static_cast<Offset>(chosen.indices.size()));
  }
  return chosen;
}

}  // namespace

Csr<float> owned_items(Context& ctx, const HistoryView& history, std::span<const Code> customers) {
  std::vector<std::vector<Code>> own(customers.size());
  parallel_for(ctx, static_cast<Offset>(customers.size()), 64, [&](Offset begin, Offset end, int) {
    for (Offset row = begin; row < end; ++row) {
      const Offset first = history.customer_offset[customers[row]], last = history.customer_offset[customers[row] + 1];
      const auto lines = history.item.subspan(history.basket_offset[first],
                                              history.basket_offset[last] - history.basket_offset[first]);
      own[row].assign(lines.begin(), lines.end());
      std::sort(own[row].begin(), own[row].end());
      own[row].erase(std::unique(own[row].begin(), own[row].end()), own[row].end());
    }
  });
  Csr<float> owned;
  owned.cols = history.items;
  for (const std::vector<Code>& items : own) {
    owned.indices.insert(owned.indices.end(), items.begin(), items.end());
    owned.indptr.push_back(static_cast<Offset>(owned.indices.size()));
  }
  return owned;
}

std::vector<std::uint64_t> bought_items(std::span<const std::int64_t> popularity, const HistoryView& history) {
  std::vector<std::uint64_t> bits((popularity.size() + 63) / 64, 0);
  for (std::size_t item = 0; item < popularity.size(); ++item)
    bits[item / 64] |= std::uint64_t{popularity[item] > 0} << (item % 64);
  for (const Code item : history.item) bits[item / 64] |= std::uint64_t{1} << (item % 64);
  return bits;
}

OfferFilter::OfferFilter(Context& ctx, const HistoryView& history, std::span<const Code> customers,
                         const OfferRules& rules, bool with_owned, std::span<const std::uint64_t> eligible)
    : blocked_(rows_of(rules.blocked, customers)), pinned_(rows_of(rules.pinned, customers)), eligible_(eligible) {
  if (with_owned) owned_ = owned_items(ctx, history, customers);
}

}  // namespace nextbest
