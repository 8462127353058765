#include "tests/reference/sequences.hpp"

#include <cmath>
#include <cstdlib>

namespace nextbest::reference {
namespace {

bool is_pair(const SequenceCase& c, const SequenceLine& e, const SequenceLine& f) {
  if (e.item == f.item) return false;
  if (c.window_days > 0 && std::abs(e.day - f.day) > c.window_days) return false;
  if (e.basket == f.basket) return c.same_basket;
  return c.basket_decay > 0 && (c.either_order || f.basket > e.basket);
}

double weight(const SequenceCase& c, const SequenceLine& e, const SequenceLine& f) {
  int between = std::abs(e.basket - f.basket);
  if (!c.same_basket) between -= 1;
  double w = e.basket < f.basket || (e.basket == f.basket) ? e.weight : f.weight;
  if (between > 0) w *= std::pow(c.basket_decay, between);
  if (c.half_life_days > 0) w *= std::pow(0.5, std::abs(e.day - f.day) / c.half_life_days);
  return w;
}

}  // namespace

std::map<int, double> sequence_scores(const SequenceCase& c, int a) {
  std::map<int, double> sum, lines;
  std::map<int, int> pairs;
  for (const auto& customer : c.customers) {
    for (const SequenceLine& e : customer) {
      lines[e.item] += 1;
      if (e.item != a) continue;
      for (const SequenceLine& f : customer) {
        // Within a basket "after" sees the lines that stand later, which only matters where same_basket is asked for.
        if (!c.either_order && &f < &e) continue;
        if (!is_pair(c, e, f)) continue;
        sum[f.item] += weight(c, e, f);
        pairs[f.item] += 1;
      }
    }
  }
  double mass = lines[a] > 0 ? lines[a] : 1;
  if (c.by_exposure) {
    mass = 0;
    for (const auto& [b, value] : sum) mass += value;
  }
  std::map<int, double> scores;
  for (const auto& [b, value] : sum)
    if (pairs[b] >= c.min_pairs)
      scores[b] = std::pow(value, c.sharpness) /
                  (std::pow(mass + c.prior, c.anchor_exponent) * std::pow(lines[b], c.target_exponent));
  return scores;
}

}  // namespace nextbest::reference
