#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include "kernels/core/parallel.hpp"
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

/// Row r is that of customer_at(r). Made in pieces side by side, which then follow one another.
template <class CustomerAt>
Csr<float> rows_of(const Context& ctx, const HistoryView& history, const IalsParams& params, Offset rows,
                   CustomerAt&& customer_at) {
  constexpr Offset kPiece = 16'384;
  std::vector<Csr<float>> pieces((rows + kPiece - 1) / kPiece);
  const Context uninterrupted{ctx.device, ctx.threads, {}, {}};
  parallel_for(uninterrupted, rows, kPiece, [&](Offset begin, Offset end, int) {
    std::vector<Bought> bought;
    for (Offset r = begin; r < end; ++r) append_row(history, customer_at(r), params, bought, pieces[begin / kPiece]);
  });
  Csr<float> all;
  all.cols = history.items;
  Offset entries = 0;
  for (const Csr<float>& piece : pieces) entries += piece.indptr.back();
  all.indptr.reserve(rows + 1);
  all.indices.reserve(entries);
  all.values.reserve(params.confidence == Confidence::kLog ? entries : 0);
  for (Csr<float>& piece : pieces) {
    const Offset before = all.indptr.back();
    std::transform(piece.indptr.begin() + 1, piece.indptr.end(), std::back_inserter(all.indptr),
                   [&](Offset n) { return before + n; });
    all.indices.insert(all.indices.end(), piece.indices.begin(), piece.indices.end());
    all.values.insert(all.values.end(), piece.values.begin(), piece.values.end());
    piece = {};
  }
  return all;
}

}  // namespace

Csr<float> ials_ratings(const Context& ctx, const HistoryView& history, const IalsParams& params) {
  return rows_of(ctx, history, params, history.customers(), [](Offset r) { return r; });
}

Csr<float> ials_ratings(const Context& ctx, const HistoryView& history, const IalsParams& params,
                        std::span<const Code> customers) {
  return rows_of(ctx, history, params, static_cast<Offset>(customers.size()), [&](Offset r) { return customers[r]; });
}

}  // namespace nextbest
