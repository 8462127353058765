#include "host/bench/zipf_baskets.hpp"

#include "host/bench/zipf.hpp"
#include "kernels/core/parallel.hpp"

namespace nextbest::bench {
namespace {

constexpr double kMoreBaskets = 0.53, kMeanLines = 7.1, kSigma = 0.7, kRepeats = 1.0 / 3;

/// One customer and what was bought so far.
class Shopper {
 public:
  Shopper(std::uint64_t seed, Offset customer, const std::vector<Code>& code_of_rank)
      : seed_(seed), stream_(static_cast<std::uint64_t>(customer) + 16), code_of_rank_(code_of_rank) {
    for (Offset& favourite : favourites_) favourite = below(std::min(kCategories, items()));
  }

  bool comes_again() { return uniform() < kMoreBaskets; }
  std::vector<Code> basket() {
    const double log_mean = std::log(kMeanLines) - kSigma * kSigma / 2;
    const double lines = std::exp(log_mean + kSigma * philox_normal(seed_, stream_, draws_++));
    std::vector<Code> basket;
    for (Offset line = 0; line < static_cast<Offset>(std::ceil(lines)); ++line) basket.push_back(next());
    bought_.insert(bought_.end(), basket.begin(), basket.end());
    std::sort(basket.begin(), basket.end());
    basket.erase(std::unique(basket.begin(), basket.end()), basket.end());
    return basket;
  }

 private:
  Offset items() const { return static_cast<Offset>(code_of_rank_.size()); }
  double uniform() { return philox_uniform(seed_, stream_, draws_++); }
  Offset below(Offset n) { return static_cast<Offset>((1 - uniform()) * static_cast<double>(n)); }
  Code next() {
    if (!bought_.empty() && uniform() < kRepeats) return bought_[below(static_cast<Offset>(bought_.size()))];
    if (uniform() < .5) return code_of_rank_[zipf_rank(uniform(), items())];
    const Offset categories = std::min(kCategories, items()), of_category = items() / categories;
    return code_of_rank_[zipf_rank(uniform(), of_category) * categories + favourites_[below(kFavourites)]];
  }

  std::uint64_t seed_, stream_, draws_ = 0;
  const std::vector<Code>& code_of_rank_;
  Offset favourites_[kFavourites];
  std::vector<Code> bought_;
};

}  // namespace

Baskets zipf_baskets(const Context& ctx, Offset customers, Offset items, bool in_every_basket, std::uint64_t seed) {
  const std::vector<Code> code_of_rank = shuffled_codes(seed, items);
  std::vector<std::vector<std::vector<Code>>> made(customers);
  parallel_for(ctx, customers, 1024, [&](Offset begin, Offset end, int) {
    for (Offset c = begin; c < end; ++c) {
      Shopper shopper(seed, c, code_of_rank);
      do made[c].push_back(shopper.basket());
      while (shopper.comes_again());
    }
  });
  Baskets all;
  all.items.cols = items + in_every_basket;
  for (Offset c = 0; c < customers; ++c) {
    for (const std::vector<Code>& basket : made[c]) {
      all.items.indices.insert(all.items.indices.end(), basket.begin(), basket.end());
      if (in_every_basket) all.items.indices.push_back(static_cast<Code>(items));
      all.items.indptr.push_back(static_cast<Offset>(all.items.indices.size()));
      all.customers.push_back(static_cast<Code>(c));
    }
    made[c] = {};
  }
  return all;
}

}  // namespace nextbest::bench
