#pragma once

#include <map>
#include <utility>
#include <vector>

namespace nextbest::reference {

using DatedBasket = std::pair<double, std::vector<int>>;  ///< day, items

struct VotingCase {
  std::vector<std::vector<DatedBasket>> customers;  ///< baskets ascending in time
  double as_of_day = 0;
  double basket_decay = 1, vote_half_life_days = 0, sharpness = 1;
};

/// The scores of one customer after the formula of the source "voting", without caps on voters, neighbours and items.
std::map<int, double> voting_scores(const VotingCase& c, std::size_t customer);

}  // namespace nextbest::reference
