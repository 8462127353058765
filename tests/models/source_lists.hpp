#pragma once

#include <utility>
#include <vector>

#include "models/source.hpp"

namespace nextbest::test {

using List = std::vector<std::pair<Code, float>>;

/// The lists of a source, closed places left out.
inline std::vector<List> lists_of(const Source& source, const HistoryView& history, const std::vector<Code>& customers,
                                  Offset k, const TopKFilter& filter = {}, int threads = 1) {
  const auto rows = static_cast<Offset>(customers.size());
  std::vector<Code> item(rows * k, -7);
  std::vector<float> score(rows * k, -7);
  Context ctx{Device::kCpu, threads, {}, {}};
  source.candidates(ctx, history, customers, filter, {{item.data(), rows, k}, {score.data(), rows, k}});
  std::vector<List> lists(customers.size());
  for (Offset at = 0; at < rows * k; ++at)
    if (item[at] != kNoCode) lists[at / k].emplace_back(item[at], score[at]);
  return lists;
}

inline std::vector<Code> items_of(const List& list) {
  std::vector<Code> items;
  for (const auto& [item, score] : list) items.push_back(item);
  return items;
}

}  // namespace nextbest::test
