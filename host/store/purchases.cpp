#include "host/store/purchases.hpp"

#include <algorithm>

namespace nextbest {

Csr<std::int32_t> purchase_counts(const OrderLog& log) {
  Csr<std::int32_t> counts;
  counts.cols = log.items.size();
  counts.indptr.reserve(log.customer_offset.size());
  std::vector<Code> bought;
  for (std::size_t customer = 0; customer + 1 < log.customer_offset.size(); ++customer) {
    bought.clear();
    for (Offset basket = log.customer_offset[customer]; basket < log.customer_offset[customer + 1]; ++basket) {
      if (!log.basket_split.empty() && log.basket_split[basket] == Split::kTest) continue;
      bought.insert(bought.end(), log.line_item.begin() + log.basket_offset[basket],
                    log.line_item.begin() + log.basket_offset[basket + 1]);
    }
    std::sort(bought.begin(), bought.end());
    for (std::size_t begin = 0, end = 0; begin < bought.size(); begin = end) {
      while (end < bought.size() && bought[end] == bought[begin]) ++end;
      counts.indices.push_back(bought[begin]);
      counts.values.push_back(static_cast<std::int32_t>(end - begin));
    }
    counts.indptr.push_back(static_cast<Offset>(counts.indices.size()));
  }
  return counts;
}

}  // namespace nextbest
