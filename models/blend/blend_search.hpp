#pragma once

#include <span>
#include <vector>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "models/blend/blend.hpp"

namespace nextbest {

/// Candidates with known targets, laid out so that one weight can be tried in one pass over them.
class BlendSearch {
 public:
  explicit BlendSearch(std::size_t sources) : column_(sources) {}

  /// Adds the customers of a pool. targets  row target_row[r] belongs to row r of the pool; ascending codes
  void add(const CandidatePool& pool, const CsrView<float>& targets, std::span<const Offset> target_row,
           std::span<const std::int64_t> popularity);

  /// Customers that were added and have at least one target among their candidates.
  std::size_t informative() const { return ideal_.size(); }

  /// Mean NDCG@10 with the ideal truncated at min(10, |T|) over all customers that were added.
  double ndcg(std::span<const double> weights);

  /// Coordinate search from `weights`: each weight in turn takes the grid value that is best given the others, until a
  /// round over all of them gains nothing. Leaves the best weights in place and returns their NDCG@10.
  double climb(Context& ctx, std::vector<double>& weights);
  /// The same for one weight.
  double climb_one(Context& ctx, std::size_t source, std::vector<double>& weights);

  /// [customers that were added] NDCG@10; 0 where no target is among the candidates.
  std::vector<double> ndcg_by_customer(std::span<const double> weights);

 private:
  bool improve(Context& ctx, std::size_t source, std::vector<double>& weights, double& best);
  double row_ndcg(std::size_t row, const std::vector<float>& column, float weight) const;
  double mean_ndcg(std::size_t source, float weight) const;
  void fill_base(std::span<const double> weights, std::size_t except);

  std::size_t customers_ = 0;
  std::vector<Offset> offset_{0};
  std::vector<double> ideal_;               // [rows]
  std::vector<std::size_t> customer_;       // [rows] place among all that were added
  std::vector<char> is_target_;             // [candidates]
  std::vector<std::vector<float>> column_;  // [sources][candidates]
  std::vector<float> base_;                 // [candidates] weighted sum of all sources but the one that is tried
};

}  // namespace nextbest
