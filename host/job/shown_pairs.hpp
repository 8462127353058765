#pragma once

#include <cstdint>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/store/order_log.hpp"
#include "models/pairs/pair_table.hpp"

namespace nextbest {

/// The pairs that people are shown: those with the best scores, each unordered pair once and each item at most twice,
/// so that they show different things.
class ShownPairs {
 public:
  /// Rows in ascending order of their targets.
  void add(const PairTable& rows);
  nlohmann::json list(const OrderLog& log);

 private:
  struct Pair {
    float score;
    Code target, item;
    std::int64_t both, n_target, n_item, units, customers;  ///< customers: -1 where there are none
  };
  void keep_best();

  std::vector<Pair> best_;
};

}  // namespace nextbest
