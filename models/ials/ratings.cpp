#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/math/decay.hpp"
#include "models/ials/ials.hpp"

namespace nextbest {
namespace {

struct Bought {
  Code item;
  Micros time;
};

// What one customer bought, by item, then time.
void collect(const HistoryView& history, Offset customer, std::vector<Bought>& bought) {
  bought.clear();
  for (Offset b = history.customer_offset[customer]; b < history.customer_offset[customer + 1]; ++b)
    for (const Code item : history.basket(b)) bought.push_back({item, history.basket_time(b)});
  std::sort(bought.begin(), bought.end(),
            [](const Bought& x, const Bought& y) { return x.item != y.item ? x.item < y.item : x.time < y.time; });
}

float confidence(std::int64_t count, Micros last, const HistoryView& history, const IalsParams& params) {
  const double c = (1.0 + std::log1p(static_cast<double>(count))) * decay(history.as_of, last, params.half_life_days);
  return static_cast<float>(std::max(c, kSmallestConfidence));
}

void append_row(const HistoryView& history, Offset customer, const IalsParams& params, std::vector<Bought>& bought,
                Csr<float>& ratings) {
  collect(history, customer, bought);
  for (std::size_t begin = 0, end; begin < bought.size(); begin = end) {
    for (end = begin + 1; end < bought.size() && bought[end].item == bought[begin].item;) ++end;
    ratings.indices.push_back(bought[begin].item);
    if (params.confidence == Confidence::kLog)
      ratings.values.push_back(
          confidence(static_cast<std::int64_t>(end - begin), bought[end - 1].time, history, params));
  }
  ratings.indptr.push_back(static_cast<Offset>(ratings.indices.size()));
}

}  // namespace

Csr<float> ials_ratings(const HistoryView& history, const IalsParams& params) {
  Csr<float> ratings;
  ratings.cols = history.items;
  ratings.indptr.reserve(history.customers() + 1);
  std::vector<Bought> bought;
  for (Offset c = 0; c < history.customers(); ++c) append_row(history, c, params, bought, ratings);
  return ratings;
}

Csr<float> ials_ratings(const HistoryView& history, const IalsParams& params, std::span<const Code> customers) {
  Csr<float> ratings;
  ratings.cols = history.items;
  std::vector<Bought> bought;
  for (const Code c : customers) append_row(history, c, params, bought, ratings);
  return ratings;
}

}  // namespace nextbest
