#include "host/evaluate/bootstrap.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/core/parallel.hpp"
#include "kernels/core/philox.hpp"

namespace nextbest {
namespace {

/// Resamples that are worked off together: a row of scores is read once for all of them.
constexpr Offset kGroup = 16;
constexpr Offset kBlock = 64;  ///< customers whose scores stay in the first-level cache for all of a group
constexpr Offset kTile = 32;   ///< columns that are summed at a time
constexpr std::uint64_t kBootstrapStream = 0x626f6f7400000000ULL;

using Count = std::uint16_t;

void draw(std::uint64_t seed, Offset resample, Offset customers, std::vector<Count>& times) {
  times.assign(static_cast<std::size_t>(customers), 0);
  const auto bound = static_cast<std::uint64_t>(customers);
  for (Offset drawn = 0; drawn < customers; drawn += 4) {
    const PhiloxBlock block =
        philox(seed, kBootstrapStream + static_cast<std::uint64_t>(resample), static_cast<std::uint64_t>(drawn / 4));
    for (Offset w = 0; w < std::min<Offset>(4, customers - drawn); ++w)
      ++times[(std::uint64_t{block.word[w]} * bound) >> 32];
  }
}

/// out[0 .. kTile) += sum over rows of weight * value: the sums stay in registers.
void add_tile(const float* value, Offset stride, const float* weight, Offset rows, float* out) {
  float sum[kTile] = {};
  for (Offset r = 0; r < rows; ++r)
    for (Offset j = 0; j < kTile; ++j) sum[j] += weight[r] * value[r * stride + j];
  for (Offset j = 0; j < kTile; ++j) out[j] += sum[j];
}

/// sums [times, columns] += the rows of one group of resamples; members [times, classes] likewise. In single precision
/// within a block of customers, in double across blocks.
void add_group(const CustomerScores& scores, const std::vector<std::vector<Count>>& times, double* sums,
               double* members) {
  const Offset columns = scores.columns(), classes = static_cast<Offset>(scores.classes.size());
  const Offset width = (columns + classes + kTile - 1) / kTile * kTile;
  std::vector<float> value(static_cast<std::size_t>(kBlock * width)), sum(static_cast<std::size_t>(width));
  std::array<float, kBlock> weight{};
  for (Offset begin = 0; begin < scores.customers; begin += kBlock) {
    const Offset rows = std::min(kBlock, scores.customers - begin);
    for (Offset r = 0; r < rows; ++r) {
      float* row = std::copy_n(scores.value.data() + (begin + r) * columns, columns, value.data() + r * width);
      std::copy_n(scores.member.data() + (begin + r) * classes, classes, row);
    }
    for (std::size_t b = 0; b < times.size(); ++b) {
      std::copy_n(times[b].data() + begin, rows, weight.data());
      std::fill(sum.begin(), sum.end(), 0.0F);
      for (Offset j = 0; j < width; j += kTile) add_tile(value.data() + j, width, weight.data(), rows, sum.data() + j);
      const auto at = static_cast<Offset>(b);
      for (Offset j = 0; j < columns; ++j) sums[at * columns + j] += sum[j];
      for (Offset c = 0; c < classes; ++c) members[at * classes + c] += sum[columns + c];
    }
  }
}

Interval central_95(const std::vector<double>& values) {
  return {quantile(values, 0.025), quantile(values, 0.975)};
}

}  // namespace

ResampledMeans resample(Context& ctx, const CustomerScores& scores, std::uint64_t seed, int resamples) {
  const Offset columns = scores.columns(), classes = static_cast<Offset>(scores.classes.size());
  ResampledMeans out{columns, std::vector<double>(static_cast<std::size_t>(resamples * columns), 0.0)};
  parallel_for(ctx, resamples, kGroup, [&](std::int64_t begin, std::int64_t end, int) {
    std::vector<std::vector<Count>> times(static_cast<std::size_t>(end - begin));
    for (Offset b = begin; b < end; ++b) draw(seed, b, scores.customers, times[b - begin]);
    std::vector<double> members(static_cast<std::size_t>((end - begin) * classes), 0.0);
    add_group(scores, times, out.mean.data() + begin * columns, members.data());
    for (Offset b = begin; b < end; ++b)
      for (Offset j = 0; j < columns; ++j) {
        const double drawn = members[(b - begin) * classes + j / (columns / classes)];
        if (drawn > 0) out.mean[b * columns + j] /= drawn;
      }
  });
  return out;
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double place = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
}

Interval interval_of(const ResampledMeans& means, Offset column) {
  std::vector<double> values;
  for (std::size_t at = static_cast<std::size_t>(column); at < means.mean.size(); at += means.columns)
    values.push_back(means.mean[at]);
  return central_95(values);
}

Interval interval_of_difference(const ResampledMeans& a, const ResampledMeans& b, Offset column) {
  std::vector<double> values;
  for (std::size_t at = static_cast<std::size_t>(column); at < a.mean.size(); at += a.columns)
    values.push_back(a.mean[at] - b.mean[at]);
  return central_95(values);
}

}  // namespace nextbest
