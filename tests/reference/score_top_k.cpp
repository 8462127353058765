#include "tests/reference/score_top_k.hpp"

#include <algorithm>
#include <cmath>

namespace nextbest::reference {

float score_by_fma(const ScoreCase& c, int user, int item) {
  float sum = 0;
  for (int d = 0; d < c.dim; ++d) sum = std::fmaf(c.w[user * c.dim + d], c.h[item * c.dim + d], sum);
  return sum;
}

double score_in_double(const ScoreCase& c, int user, int item) {
  double sum = 0;
  for (int d = 0; d < c.dim; ++d) sum += static_cast<double>(c.w[user * c.dim + d]) * c.h[item * c.dim + d];
  return sum;
}

double score_bound(const ScoreCase& c, int user, int item) {
  double magnitude = 0;
  for (int d = 0; d < c.dim; ++d)
    magnitude += std::fabs(static_cast<double>(c.w[user * c.dim + d]) * c.h[item * c.dim + d]);
  return std::expm1(c.dim * std::log1p(std::ldexp(1.0, -24))) * magnitude;
}

std::vector<std::vector<ScoredItem>> score_top_k(const ScoreCase& c, int k) {
  std::vector<std::vector<ScoredItem>> lists(c.users);
  for (int u = 0; u < c.users; ++u) {
    const std::set<int> owned = c.owned.empty() ? std::set<int>{} : c.owned[u];
    const std::set<int> blocked = c.blocked.empty() ? std::set<int>{} : c.blocked[u];
    const std::vector<int> wanted = c.pinned.empty() ? std::vector<int>{} : c.pinned[u];
    std::vector<ScoredItem>& list = lists[u];
    for (const int item : wanted)
      if (!blocked.count(item)) list.push_back({item, score_by_fma(c, u, item)});
    std::vector<ScoredItem> rest;
    for (int i = 0; i < c.items; ++i) {
      const bool pinned = std::find(wanted.begin(), wanted.end(), i) != wanted.end();
      const bool eligible = c.eligible.empty() || c.eligible[i];
      if (!pinned && eligible && !owned.count(i) && !blocked.count(i)) rest.push_back({i, score_by_fma(c, u, i)});
    }
    std::sort(rest.begin(), rest.end(), [&](const ScoredItem& x, const ScoredItem& y) {
      if (x.score != y.score) return x.score > y.score;
      if (c.popularity[x.item] != c.popularity[y.item]) return c.popularity[x.item] > c.popularity[y.item];
      return x.item < y.item;
    });
    list.insert(list.end(), rest.begin(), rest.end());
    if (static_cast<int>(list.size()) > k) list.resize(k);
  }
  return lists;
}

}  // namespace nextbest::reference
