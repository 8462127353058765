#include "host/evaluate/evaluation_set.hpp"

#include <algorithm>
#include <iterator>

#include "kernels/core/philox.hpp"

namespace nextbest {
namespace {

constexpr std::uint64_t kSampleStream = 0x73616d706c65ULL;

void sort_unique(std::vector<Code>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

void append_row(const std::vector<Code>& items, Csr<float>& rows) {
  rows.indices.insert(rows.indices.end(), items.begin(), items.end());
  rows.indptr.push_back(static_cast<Offset>(rows.indices.size()));
}

std::vector<char> known_items(const HistoryView& history) {
  std::vector<char> known(static_cast<std::size_t>(history.items), 0);
  for (const Code item : history.item) known[item] = 1;
  return known;
}

}  // namespace

TargetRules target_rules(const std::string& split_kind, Targets targets) {
  const bool time = split_kind == "time";
  return {.new_only = targets == Targets::kNew, .known_only = time, .needs_history = time};
}

SelectedTargets select_targets(const OrderLog& log, std::span<const Part> part, Part wanted, const HistoryView& history,
                               const TargetRules& rules) {
  const std::vector<char> known = known_items(history);
  SelectedTargets out;
  EvaluationSet& set = out.set;
  set.targets.cols = set.history.cols = log.items.size();
  set.known_items = std::count(known.begin(), known.end(), 1);

  std::vector<Code> targets, owned, fresh;
  for (Offset c = 0; c < history.customers(); ++c) {
    targets.clear();
    for (Offset l = log.basket_offset[log.customer_offset[c]]; l < log.basket_offset[log.customer_offset[c + 1]]; ++l)
      if (part[l] == wanted) targets.push_back(log.line_item[l]);
    if (targets.empty() && !rules.with_idle) continue;
    sort_unique(targets);

    const Offset begin = history.basket_offset[history.customer_offset[c]];
    const Offset end = history.basket_offset[history.customer_offset[c + 1]];
    if (begin == end && (rules.needs_history || targets.empty())) {
      out.customers_without_history += !targets.empty();
      continue;
    }
    if (rules.known_only)
      out.unknown_targets += static_cast<std::int64_t>(std::erase_if(targets, [&](Code i) { return !known[i]; }));
    owned.assign(history.item.begin() + begin, history.item.begin() + end);
    sort_unique(owned);
    if (rules.new_only) {
      fresh.clear();
      std::set_difference(targets.begin(), targets.end(), owned.begin(), owned.end(), std::back_inserter(fresh));
      targets.swap(fresh);
    }
    if (targets.empty() && !rules.with_idle) continue;
    set.customer.push_back(static_cast<Code>(c));
    append_row(targets, set.targets);
    append_row(owned, set.history);
  }
  return out;
}

EvaluationSet sample_customers(const EvaluationSet& set, Offset customers, std::uint64_t seed) {
  const auto rows = static_cast<Offset>(set.customer.size());
  if (rows <= customers) return set;
  EvaluationSet out;
  out.known_items = set.known_items;
  out.targets.cols = out.history.cols = set.targets.cols;
  for (Offset r = 0; r < rows; ++r) {
    const auto place = philox_below(seed, kSampleStream, static_cast<std::uint64_t>(set.customer[r]),
                                    static_cast<std::uint64_t>(rows));
    if (place >= static_cast<std::uint64_t>(customers)) continue;
    out.customer.push_back(set.customer[r]);
    const auto targets = set.targets.view().row(r), history = set.history.view().row(r);
    append_row({targets.begin(), targets.end()}, out.targets);
    append_row({history.begin(), history.end()}, out.history);
  }
  return out;
}

}  // namespace nextbest
