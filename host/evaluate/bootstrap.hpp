#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/evaluate/scores.hpp"
#include "kernels/core/context.hpp"

namespace nextbest {

inline constexpr int kResamples = 1000;

/// The metrics of one source in resamples of the customers: [resamples, columns] means over the members of each class.
struct ResampledMeans {
  Offset columns = 0;
  std::vector<double> mean;
};

/// Bootstrap over customers (Efron 1979): every resample draws as many customers as there are, with replacement; a mean
/// is over those drawn members of its class. Resample b draws customer floor(word * customers / 2^32) for the words of
/// Philox (seed, stream b), so all sources see the same resamples and differences are paired. The same for every number
/// of threads. Memory: resamples x (columns x 8 bytes), and per thread 16 x customers x 2 bytes.
ResampledMeans resample(Context& ctx, const CustomerScores& scores, std::uint64_t seed, int resamples = kResamples);

struct Interval {
  double lo = 0, hi = 0;
};

/// The 2.5 % and 97.5 % quantiles of a column, linear between order statistics.
Interval interval_of(const ResampledMeans& means, Offset column);
/// The same of the paired differences a - b.
Interval interval_of_difference(const ResampledMeans& a, const ResampledMeans& b, Offset column);

/// Linear interpolation between order statistics at (n - 1) q, as numpy's default. values must not be empty.
double quantile(std::vector<double> values, double q);

}  // namespace nextbest
