#include "models/blend/ranker.hpp"

#include <algorithm>

#include "kernels/math/rank_order.hpp"

namespace nextbest {

std::vector<Offset> best_by_weights(const CandidatePool& pool, Offset row, std::span<const float> weights,
                                    std::span<const std::int64_t> popularity, Offset most) {
  const Offset first = pool.offset[row], size = pool.offset[row + 1] - first;
  std::vector<Ranked> ranked;
  ranked.reserve(static_cast<std::size_t>(size));
  for (Offset at = first; at < first + size; ++at)
    ranked.push_back({blend_score(pool.scores(at), weights), popularity[pool.item[at]], pool.item[at]});
  const Offset kept = std::min(most, size);
  std::partial_sort(ranked.begin(), ranked.begin() + kept, ranked.end(), RanksBefore());
  std::vector<Offset> chosen;
  chosen.reserve(static_cast<std::size_t>(kept));
  for (Offset r = 0; r < kept; ++r) {
    const auto items = pool.item.begin() + first;
    chosen.push_back(first + (std::lower_bound(items, items + size, ranked[r].item) - items));
  }
  return chosen;
}

}  // namespace nextbest
