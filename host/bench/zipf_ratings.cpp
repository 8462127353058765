#include "host/bench/zipf_ratings.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "host/bench/zipf.hpp"
#include "kernels/core/parallel.hpp"

namespace nextbest::bench {
namespace {

constexpr double kLinesOfCustomer = 14.5, kSigmaOfCustomer = 1;

std::vector<Code> row_of(std::uint64_t seed, Offset customer, const std::vector<Code>& code_of_rank) {
  const auto items = static_cast<Offset>(code_of_rank.size());
  const auto stream = static_cast<std::uint64_t>(customer) + 16;
  std::uint64_t draws = 0;
  const auto uniform = [&] { return philox_uniform(seed, stream, draws++); };
  const double log_mean = std::log(kLinesOfCustomer) - kSigmaOfCustomer * kSigmaOfCustomer / 2;
  const double lines = std::exp(log_mean + kSigmaOfCustomer * philox_normal(seed, stream, draws++));
  const Offset categories = std::min(kCategories, items), of_category = items / categories;
  Offset favourites[kFavourites];
  for (Offset& favourite : favourites)
    favourite = static_cast<Offset>((1 - uniform()) * static_cast<double>(categories));
  std::vector<Code> row;
  for (Offset line = 0; line < static_cast<Offset>(std::ceil(lines)); ++line) {
    if (uniform() < .5) {
      row.push_back(code_of_rank[zipf_rank(uniform(), items)]);
      continue;
    }
    const Offset favourite = favourites[static_cast<Offset>((1 - uniform()) * kFavourites)];
    row.push_back(code_of_rank[zipf_rank(uniform(), of_category) * categories + favourite]);
  }
  std::sort(row.begin(), row.end());
  row.erase(std::unique(row.begin(), row.end()), row.end());
  return row;
}

}  // namespace

Csr<float> zipf_ratings(const Context& ctx, Offset customers, Offset items, std::uint64_t seed) {
  const std::vector<Code> code_of_rank = shuffled_codes(seed, items);
  std::vector<std::vector<Code>> rows(customers);
  parallel_for(ctx, customers, 1024, [&](Offset begin, Offset end, int) {
    for (Offset c = begin; c < end; ++c) rows[c] = row_of(seed, c, code_of_rank);
  });
  Csr<float> ratings;
  ratings.cols = items;
  for (std::vector<Code>& row : rows) {
    ratings.indices.insert(ratings.indices.end(), row.begin(), row.end());
    ratings.indptr.push_back(static_cast<Offset>(ratings.indices.size()));
    row = {};
  }
  return ratings;
}

}  // namespace nextbest::bench
