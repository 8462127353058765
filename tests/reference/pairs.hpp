#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nextbest::reference {

/// Sets in which pairs are counted; weights in steps of 2^-20 and customers (-1: nobody) may be empty.
struct PairInput {
  int items = 0;
  std::vector<std::vector<int>> baskets;
  std::vector<std::int64_t> weights;
  std::vector<int> customers;
  std::vector<std::vector<int>> partners;  ///< where b stands; empty: in the same basket as a
};

struct PairRow {
  int item = 0;
  double score = 0;
  std::int64_t count = 0;
  std::int64_t weight = 0;
  std::int64_t customers = 0;
  double expected = 0;
  bool positive = false;  ///< more often together than independence would have it
};

/// The measures by the names of the job file: count, confidence, lift, shrunk_lift, npmi, jaccard, cosine, llr (the
/// root of G^2). From the 2 x 2 table in long double, as observed against expected.
double measure(const std::string& name, double both, double a, double b, double units, double expected,
               double shrinkage);

/// Every pair (a, b) that shares a unit, row by row, ascending in b; nothing is cut.
std::vector<std::vector<PairRow>> all_pairs(const PairInput& input, const std::string& measure_name, double shrinkage);

/// Units in which the item stands as a partner (in whose basket it is, where there are no partners).
std::vector<std::int64_t> partner_counts(const PairInput& input);

}  // namespace nextbest::reference
