#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/core/context.hpp"
#include "kernels/ops/score_top_k.hpp"
#include "models/history.hpp"

namespace nextbest {

struct OfferRules;

/// The distinct items of some customers' baskets, ascending: [customers.size(), items].
Csr<float> owned_items(Context& ctx, const HistoryView& history, std::span<const Code> customers);

/// Bit set over items: bought at least once, by `popularity` (of the fitted history) or in `history`.
std::vector<std::uint64_t> bought_items(std::span<const std::int64_t> popularity, const HistoryView& history);

/// Owns the filter of one block of customers.
class OfferFilter {
 public:
  /// with_owned  what customers have is not offered to them
  /// eligible    kept by the caller
  OfferFilter(Context& ctx, const HistoryView& history, std::span<const Code> customers, const OfferRules& rules,
              bool with_owned, std::span<const std::uint64_t> eligible);
  TopKFilter view() const { return {owned_.view(), blocked_.view(), pinned_.view(), eligible_}; }

 private:
  Csr<float> owned_, blocked_, pinned_;
  std::span<const std::uint64_t> eligible_;
};

}  // namespace nextbest
