#include "host/evaluate/baselines.hpp"

#include <algorithm>
#include <numeric>
#include <span>

#include "kernels/math/rank_order.hpp"

namespace nextbest {
namespace {

constexpr Micros kPopularityWindow = 30 * kMicrosPerDay;

/// All items with an order, best first.
std::vector<Ranked> ranking(const std::vector<std::int64_t>& score, const std::vector<std::int64_t>& popularity) {
  std::vector<Ranked> out;
  for (std::size_t i = 0; i < popularity.size(); ++i)
    if (popularity[i] > 0) out.push_back({static_cast<float>(score[i]), popularity[i], static_cast<Code>(i)});
  std::sort(out.begin(), out.end(), ranks_before);
  return out;
}

RankedLists empty_lists(const char* name, const EvaluationSet& set, Offset k) {
  const std::size_t places = set.customer.size() * static_cast<std::size_t>(k);
  return {name, k, std::vector<Code>(places, kNoCode), std::vector<float>(places, 0.0F), {}};
}

/// Fills row r from place `next` on with what ranks best, without the items of the sorted set `not_these`.
void fill(const std::vector<Ranked>& best, bool with_scores, std::span<const Code> not_these, Offset row, Offset next,
          RankedLists& out) {
  for (const Ranked& candidate : best) {
    if (next == out.k) return;
    if (std::binary_search(not_these.begin(), not_these.end(), candidate.item)) continue;
    out.item[row * out.k + next] = candidate.item;
    out.score[row * out.k + next] = with_scores ? candidate.score : 0.0F;
    ++next;
  }
}

/// The items of one customer with the number of his orders with them, best first.
std::vector<Ranked> own_items(const HistoryView& read, Code customer, const std::vector<std::int64_t>& popularity) {
  std::vector<Code> bought;
  for (Offset b = read.customer_offset[customer]; b < read.customer_offset[customer + 1]; ++b) {
    const std::span<const Code> basket = read.basket(b);
    bought.insert(bought.end(), basket.begin(), basket.end());
  }
  std::sort(bought.begin(), bought.end());
  std::vector<Ranked> out;
  for (const Code item : bought) {
    if (out.empty() || out.back().item != item) out.push_back({0.0F, popularity[item], item});
    out.back().score += 1;
  }
  std::sort(out.begin(), out.end(), ranks_before);
  return out;
}

}  // namespace

std::vector<std::int64_t> orders_with_item(const HistoryView& history, Micros after) {
  std::vector<std::int64_t> orders(static_cast<std::size_t>(history.items), 0);
  for (Offset b = 0; b < history.baskets(); ++b) {
    if (after != kNoTime && history.time[b] <= after) continue;
    for (const Code item : history.basket(b)) ++orders[item];
  }
  return orders;
}

RankedLists popularity_baseline(const HistoryView& history, const EvaluationSet& set, Offset k, bool without_owned) {
  const Micros after = history.has_times() ? history.as_of - kPopularityWindow : kNoTime;
  const std::vector<Ranked> best = ranking(orders_with_item(history, after), orders_with_item(history));
  RankedLists out = empty_lists("popularity", set, k);
  const CsrView<float> owned = set.history.view();
  for (Offset r = 0; r < static_cast<Offset>(set.customer.size()); ++r)
    fill(best, true, without_owned ? owned.row(r) : std::span<const Code>{}, r, 0, out);
  return out;
}

RankedLists personal_frequency_baseline(const HistoryView& learnt, const HistoryView& read, const EvaluationSet& set,
                                        Offset k, bool without_owned) {
  const std::vector<std::int64_t> popularity = orders_with_item(learnt);
  const std::vector<Ranked> best = ranking(popularity, popularity);
  RankedLists out = empty_lists("personal_frequency", set, k);
  const CsrView<float> owned = set.history.view();
  for (Offset r = 0; r < static_cast<Offset>(set.customer.size()); ++r) {
    Offset next = 0;
    if (!without_owned)
      for (const Ranked& own : own_items(read, set.customer[r], popularity)) {
        if (next == k) break;
        out.item[r * k + next] = own.item;
        out.score[r * k + next] = own.score;
        ++next;
      }
    fill(best, false, owned.row(r), r, next, out);
  }
  return out;
}

}  // namespace nextbest
