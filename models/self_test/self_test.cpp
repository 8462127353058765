#include "models/self_test/self_test.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/core/philox.hpp"
#include "kernels/ops/pair_top_k.hpp"
#include "kernels/ops/score_top_k.hpp"
#include "models/ials/ials.hpp"

namespace nextbest {
namespace {

/// Every even customer has bought every even item but one; the missing one must come out on top. The same for odd.
std::string checkerboard(Context& ctx) {
  constexpr Code kItems = 24, kCustomers = 48;
  std::vector<Offset> customer_offset(kCustomers + 1), basket_offset{0};
  std::iota(customer_offset.begin(), customer_offset.end(), Offset{0});
  std::vector<Code> lines;
  const auto missing = [](Code customer) { return static_cast<Code>((customer * 2 + customer % 2) % kItems); };
  for (Code c = 0; c < kCustomers; ++c) {
    for (Code i = c % 2; i < kItems; i = static_cast<Code>(i + 2))
      if (i != missing(c)) lines.push_back(i);
    basket_offset.push_back(static_cast<Offset>(lines.size()));
  }
  const HistoryView history{kItems, customer_offset, basket_offset, lines, {}, kNoTime};
  IalsParams params;
  params.factors = 4;
  const Csr<float> ratings = ials_ratings(ctx, history, params);
  const IalsFactors factors = fit_ials(ctx, ratings, params);
  for (Code c = 0; c < kCustomers; ++c) {
    const auto score = [&](Code i) {
      double sum = 0;
      for (Offset d = 0; d < factors.dim; ++d)
        sum += static_cast<double>(factors.customer_matrix()(c, d)) * static_cast<double>(factors.item_matrix()(i, d));
      return sum;
    };
    for (Code i = static_cast<Code>(1 - c % 2); i < kItems; i = static_cast<Code>(i + 2))
      if (!(score(missing(c)) > score(i)))
        return "customer " + std::to_string(c) + " prefers item " + std::to_string(i) + " to item " +
               std::to_string(missing(c));
  }
  return "";
}

constexpr std::uint64_t kSeed = 1;

/// Lists of both operations, flat.
struct Lists {
  std::vector<Code> item;
  std::vector<float> score;
  std::vector<std::int64_t> count;

  Lists(Offset rows, Offset k) : item(rows * k), score(rows * k), count(rows * k) {}
  bool operator==(const Lists&) const = default;
};

Lists pairs_of_random_baskets(Context& ctx) {
  constexpr Offset kBaskets = 2000, kItems = 200, kPlaces = 10;
  Csr<float> baskets;
  baskets.cols = kItems;
  for (Offset b = 0; b < kBaskets; ++b) {
    // Small codes are bought by far the most.
    for (Code i = 0; i < kItems; ++i)
      if (philox_uniform(kSeed, 1, static_cast<std::uint64_t>(b * kItems + i)) * (2 + i) < 1)
        baskets.indices.push_back(i);
    baskets.indptr.push_back(static_cast<Offset>(baskets.indices.size()));
  }
  const auto index = index_pairs(ctx, {baskets.view(), {}, {}});
  Lists lists(kItems, kPlaces);
  std::vector<std::int64_t> weight(lists.item.size()), customers(lists.item.size());
  std::vector<double> expected(lists.item.size());
  pair_top_k(ctx, *index, {.measure = Measure::kLlr, .k = kPlaces, .begin = 0, .end = kItems},
             {{lists.item.data(), kItems, kPlaces},
              {lists.score.data(), kItems, kPlaces},
              {lists.count.data(), kItems, kPlaces},
              {weight.data(), kItems, kPlaces},
              {customers.data(), kItems, kPlaces},
              {expected.data(), kItems, kPlaces}});
  return lists;
}

Lists lists_of_random_customers(Context& ctx) {
  constexpr Offset kCustomers = 1000, kItems = 3000, kDim = 32, kPlaces = 10;
  const auto factors = [](std::uint64_t stream, Offset rows) {
    std::vector<float> values(rows * kDim);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<float>(philox_uniform(kSeed, stream, i) - .5);
    return values;
  };
  const std::vector<float> customers = factors(2, kCustomers), items = factors(3, kItems);
  const std::vector<std::int64_t> popularity(kItems, 1);
  const auto index = index_items(ctx, {items.data(), kItems, kDim}, popularity);
  Lists lists(kCustomers, kPlaces);
  score_top_k(ctx, {customers.data(), kCustomers, kDim}, *index, {},
              {{lists.item.data(), kCustomers, kPlaces}, {lists.score.data(), kCustomers, kPlaces}});
  return lists;
}

}  // namespace

std::string self_test(Device device) {
  Context ctx{device, 1, {}, {}}, cpu;
  std::string failure = checkerboard(ctx);
  if (device == Device::kCpu || !failure.empty()) return failure;
  if (pairs_of_random_baskets(ctx) != pairs_of_random_baskets(cpu)) return "the GPU's pairs are not the CPU's";
  if (lists_of_random_customers(ctx) != lists_of_random_customers(cpu)) return "the GPU's lists are not the CPU's";
  return "";
}

}  // namespace nextbest
