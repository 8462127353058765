#include "host/job/shown_pairs.hpp"

#include <algorithm>
#include <map>

#include "host/job/item_label.hpp"

namespace nextbest {
namespace {

constexpr std::size_t kShown = 10, kCandidates = 2000;

}  // namespace

/// Best first; of equal scores those that came first.
void ShownPairs::keep_best() {
  std::stable_sort(best_.begin(), best_.end(), [](const Pair& a, const Pair& b) { return a.score > b.score; });
  if (best_.size() > kCandidates) best_.resize(kCandidates);
}

void ShownPairs::add(const PairTable& rows) {
  for (Offset row = 0; row < rows.rows(); ++row)
    for (Offset place = rows.offset[row]; place < rows.offset[row + 1]; ++place) {
      const Code target = static_cast<Code>(rows.first + row), item = rows.item[place];
      if (item <= target) continue;
      best_.push_back({rows.score[place], target, item, rows.count[place], rows.item_count[target],
                       rows.item_count[item], rows.units, rows.customers.empty() ? -1 : rows.customers[place]});
      if (best_.size() >= 10 * kCandidates) keep_best();
    }
}

nlohmann::json ShownPairs::list(const OrderLog& log) {
  keep_best();
  std::map<Code, int> shown;
  nlohmann::json list = nlohmann::json::array();
  for (const Pair& pair : best_) {
    if (list.size() == kShown) break;
    if (++shown[pair.target] > 2 || ++shown[pair.item] > 2) continue;
    list.push_back({{"target", item_label(log, pair.target)},
                    {"item", item_label(log, pair.item)},
                    {"orders_both", pair.both},
                    {"orders_target", pair.n_target},
                    {"orders_item", pair.n_item},
                    {"orders", pair.units},
                    {"score", pair.score}});
    if (pair.customers >= 0) list.back()["customers_both"] = pair.customers;
  }
  return list;
}

}  // namespace nextbest
