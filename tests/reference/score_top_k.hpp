#pragma once

#include <cstdint>
#include <set>
#include <vector>

namespace nextbest::reference {

/// Everything that decides the lists of score_top_k, in the plainest containers.
struct ScoreCase {
  int users = 0, items = 0, dim = 0;
  std::vector<float> w;                  ///< [users, dim]
  std::vector<float> h;                  ///< [items, dim]
  std::vector<std::int64_t> popularity;  ///< [items]
  std::vector<std::set<int>> owned;      ///< [users], or empty
  std::vector<std::set<int>> blocked;    ///< [users], or empty
  std::vector<std::vector<int>> pinned;  ///< [users], or empty
  std::vector<bool> eligible;            ///< [items], or empty
};

struct ScoredItem {
  int item;
  float score;
};

/// The defining sum: float, fused multiply-add, ascending dimensions from 0.
float score_by_fma(const ScoreCase& c, int user, int item);
/// The inner product in double precision.
double score_in_double(const ScoreCase& c, int user, int item);
/// How far the defining sum may lie from the true inner product: each of the dim roundings multiplies every summand
/// before it by at most 1 + u, u = 2^-24, so |error| <= ((1 + u)^dim - 1) * sum |w_c h_c| (Higham, "Accuracy and
/// stability of numerical algorithms", section 3.1).
double score_bound(const ScoreCase& c, int user, int item);

/// All scores of all items, sorted, cut at k.
std::vector<std::vector<ScoredItem>> score_top_k(const ScoreCase& c, int k);

}  // namespace nextbest::reference
