#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/blend/blend.hpp"
#include "models/blend/grouping.hpp"
#include "models/blend/price_levels.hpp"
#include "models/history.hpp"

namespace nextbest {

/// What a blend sees of one candidate of one customer: what every source says of it, what the item is like, what the
/// customer is like, what the two have to do with each other, and the customer with the groups of the catalogue that
/// the item is in. Everything comes from orders up to `as_of` of the history that is handed in; what a customer bought
/// later cannot get in.
class BlendFeatures {
 public:
  BlendFeatures() = default;
  /// learnt  the items' own numbers are taken from here
  BlendFeatures(std::vector<std::string> sources, const HistoryView& learnt);

  std::size_t size() const { return names_.size(); }
  const std::vector<std::string>& sources() const { return sources_; }
  const std::vector<std::string>& names() const { return names_; }

  /// The features of some candidates of row `row` of a pool, who is `customer`.
  /// chosen  candidates of that row         out  [chosen.size(), size()] row-major
  void fill(const HistoryView& history, Code customer, const CandidatePool& pool, std::span<const Offset> chosen,
            std::span<float> out) const;

 private:
  std::vector<std::string> sources_, names_;
  std::vector<Grouping> groupings_;  ///< those that the catalogue has
  std::vector<float> item_;          ///< [items, kItemFeatures]
  PriceLevels prices_;               ///< without features where orders have no prices
};

}  // namespace nextbest
