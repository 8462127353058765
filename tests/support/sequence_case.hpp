#pragma once

#include <numeric>
#include <vector>

#include "kernels/ops/sequence_top_k.hpp"
#include "kernels/ops/transpose.hpp"
#include "tests/reference/sequences.hpp"
#include "tests/support/random_csr.hpp"

namespace nextbest::test {

/// A case in the form of the operation.
struct LaidSequences {
  explicit LaidSequences(const reference::SequenceCase& c) : items(c.items) {
    for (const auto& customer : c.customers) {
      for (const reference::SequenceLine& line : customer) {
        item.push_back(line.item);
        basket.push_back(line.basket);
        day.push_back(line.day);
        weight.push_back(static_cast<float>(line.weight));
      }
      offset.push_back(static_cast<Offset>(item.size()));
    }
    Context ctx;
    std::vector<Offset> one_each(item.size() + 1);
    std::iota(one_each.begin(), one_each.end(), Offset{0});
    transpose(ctx, {items, one_each, item, {}}, lines_of);
  }
  Sequences view() const { return {items, offset, item, basket, day, weight}; }

  Offset items;
  std::vector<Offset> offset{0};
  std::vector<Code> item;
  std::vector<std::int32_t> basket, day;
  std::vector<float> weight;
  Csr<float> lines_of;
};

inline SequenceParams params_of(const reference::SequenceCase& c) {
  SequenceParams p;
  p.same_basket = c.same_basket;
  p.either_order = c.either_order;
  p.by_exposure = c.by_exposure;
  p.basket_decay = c.basket_decay;
  p.half_life_days = c.half_life_days;
  p.window_days = c.window_days;
  p.prior = c.prior;
  p.sharpness = c.sharpness;
  p.anchor_exponent = c.anchor_exponent;
  p.target_exponent = c.target_exponent;
  p.min_pairs = c.min_pairs;
  return p;
}

/// Customers with up to six baskets of three items on average, weights in quarters.
inline reference::SequenceCase random_sequences(std::uint64_t seed, int items, int customers) {
  std::mt19937_64 random(seed);
  reference::SequenceCase c;
  c.items = items;
  for (int u = 0; u < customers; ++u) {
    c.customers.emplace_back();
    int day = 0;
    for (Offset basket = 0, baskets = below(random, 7); basket < baskets; ++basket) {
      day += static_cast<int>(below(random, 20));
      const Csr<float> drawn = random_csr(random(), 1, items, 3);
      const double recency = static_cast<double>(1 + below(random, 4)) / 4;
      for (const Code item : drawn.indices)
        c.customers.back().push_back({item, static_cast<int>(basket), day, recency});
    }
  }
  return c;
}

}  // namespace nextbest::test
