#pragma once

#include <map>
#include <vector>

namespace nextbest::reference {

struct SequenceLine {
  int item = 0, basket = 0, day = 0;
  double weight = 1;
};

struct SequenceCase {
  int items = 0;
  std::vector<std::vector<SequenceLine>> customers;  ///< lines in the order of time
  bool same_basket = true, either_order = true, by_exposure = false;
  double basket_decay = 1, half_life_days = 0, window_days = 0, prior = 0;
  double sharpness = 1, anchor_exponent = 0.5, target_exponent = 0.5;
  int min_pairs = 1;
};

/// s(a, b) of kernels/ops/sequence_top_k.hpp for every b with enough pairs, from all pairs of lines of all customers.
std::map<int, double> sequence_scores(const SequenceCase& c, int a);

}  // namespace nextbest::reference
