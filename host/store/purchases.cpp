#include "host/store/purchases.hpp"

#include <algorithm>

#include "kernels/core/parallel_in_order.hpp"

namespace nextbest {
namespace {

constexpr Offset kCustomersAtOnce = 4096;

/// The rows of customers [begin, end) as a matrix of their own.
Csr<std::int32_t> some_counts(const OrderLog& log, Offset begin, Offset end) {
  Csr<std::int32_t> counts;
  std::vector<Code> bought;
  const auto lines = static_cast<std::size_t>(log.basket_offset[log.customer_offset[end]] -
                                              log.basket_offset[log.customer_offset[begin]]);
  counts.indices.resize(lines);
  counts.values.resize(lines);
  std::size_t next = 0;
  for (Offset customer = begin; customer < end; ++customer) {
    bought.clear();
    for (Offset basket = log.customer_offset[customer]; basket < log.customer_offset[customer + 1]; ++basket) {
      if (!log.basket_split.empty() && log.basket_split[basket] == Split::kTest) continue;
      bought.insert(bought.end(), log.line_item.begin() + log.basket_offset[basket],
                    log.line_item.begin() + log.basket_offset[basket + 1]);
    }
    std::sort(bought.begin(), bought.end());
    for (std::size_t first = 0, last = 0; first < bought.size(); first = last) {
      while (last < bought.size() && bought[last] == bought[first]) ++last;
      counts.indices[next] = bought[first];
      counts.values[next++] = static_cast<std::int32_t>(last - first);
    }
    counts.indptr.push_back(static_cast<Offset>(next));
  }
  counts.indices.resize(next);
  counts.values.resize(next);
  return counts;
}

}  // namespace

Csr<std::int32_t> purchase_counts(const OrderLog& log, const Context& ctx) {
  const Offset customers = static_cast<Offset>(log.customer_offset.size()) - 1;
  Csr<std::int32_t> counts;
  counts.cols = log.items.size();
  counts.indptr.reserve(log.customer_offset.size());
  counts.indices.reserve(log.line_item.size());
  counts.values.reserve(log.line_item.size());
  parallel_in_order(
      ctx, (customers + kCustomersAtOnce - 1) / kCustomersAtOnce,
      [&](std::int64_t piece, int) {
        const Offset begin = piece * kCustomersAtOnce;
        return some_counts(log, begin, std::min(customers, begin + kCustomersAtOnce));
      },
      [&](const Csr<std::int32_t>& some) {
        const auto before = static_cast<Offset>(counts.indices.size());
        counts.indices.insert(counts.indices.end(), some.indices.begin(), some.indices.end());
        counts.values.insert(counts.values.end(), some.values.begin(), some.values.end());
        for (std::size_t row = 1; row < some.indptr.size(); ++row) counts.indptr.push_back(before + some.indptr[row]);
      });
  return counts;
}

}  // namespace nextbest
