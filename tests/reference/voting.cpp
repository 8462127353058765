#include "tests/reference/voting.hpp"

#include <cmath>

namespace nextbest::reference {
namespace {

std::map<int, double> past(const std::vector<DatedBasket>& baskets, std::size_t count, double basket_decay) {
  std::map<int, double> weights;
  for (std::size_t b = 0; b < count; ++b)
    for (const int item : baskets[b].second)
      weights[item] += std::pow(basket_decay, static_cast<double>(count - 1 - b));
  return weights;
}

double dot(const std::map<int, double>& x, const std::map<int, double>& y) {
  double sum = 0;
  for (const auto& [item, value] : x)
    if (y.count(item)) sum += value * y.at(item);
  return sum;
}

}  // namespace

std::map<int, double> voting_scores(const VotingCase& c, std::size_t customer) {
  const std::map<int, double> own = past(c.customers[customer], c.customers[customer].size(), c.basket_decay);
  std::map<int, double> scores;
  for (std::size_t v = 0; v < c.customers.size(); ++v) {
    const std::vector<DatedBasket>& baskets = c.customers[v];
    if (v == customer || baskets.size() < 2) continue;
    const std::map<int, double> other = past(baskets, baskets.size() - 1, c.basket_decay);
    const double product = dot(own, other);
    if (product == 0) continue;
    double weight = std::pow(product / std::sqrt(dot(own, own) * dot(other, other)), c.sharpness);
    const auto& [day, vote] = baskets.back();
    if (c.vote_half_life_days > 0) weight *= std::pow(0.5, (c.as_of_day - day) / c.vote_half_life_days);
    for (const int item : vote) scores[item] += weight;
  }
  return scores;
}

}  // namespace nextbest::reference
