#include "host/evaluate/report.hpp"

#include <algorithm>
#include <utility>

#include "host/evaluate/metrics.hpp"

namespace nextbest {
namespace {

nlohmann::json number(double value, Interval interval) {
  return {{"value", value}, {"lo", interval.lo}, {"hi", interval.hi}};
}

/// Calls body(class name, metric name, column) for every column.
template <class Body>
void for_columns(const CustomerScores& scores, const Body& body) {
  for (std::size_t c = 0; c < scores.classes.size(); ++c)
    for (std::size_t n = 0; n < scores.cutoffs.size(); ++n)
      for (std::size_t m = 0; m < kListMetrics.size(); ++m)
        body(std::string(target_class_name(scores.classes[c])), metric_name(kListMetrics[m], scores.cutoffs[n]),
             scores.column(c, n, m));
}

nlohmann::json to_json(const CustomerScores& scores, const ResampledMeans& resamples) {
  nlohmann::json out = nlohmann::json::object();
  for_columns(scores, [&](const std::string& of_class, const std::string& name, Offset column) {
    out[of_class][name] = number(scores.mean[column], interval_of(resamples, column));
  });
  for (std::size_t c = 0; c < scores.classes.size(); ++c)
    for (std::size_t n = 0; n < scores.cutoffs.size(); ++n) {
      const double value = scores.coverage[c * scores.cutoffs.size() + n];
      out[std::string(target_class_name(scores.classes[c]))][metric_name("coverage", scores.cutoffs[n])] =
          number(value, {value, value});
    }
  return out;
}

}  // namespace

Measured measure(Context& ctx, const EvaluationSet& set, const RankedLists& lists,
                 const std::vector<TargetClass>& classes, const std::vector<int>& cutoffs, std::uint64_t seed) {
  Measured out;
  out.scores = score_lists(ctx, set, lists, classes, cutoffs);
  out.resamples = resample(ctx, out.scores, seed);
  out.classes = to_json(out.scores, out.resamples);
  out.scores.value = {};
  out.scores.member = {};
  return out;
}

nlohmann::json paired_differences(const Measured& a, const Measured& b) {
  nlohmann::json out = nlohmann::json::object();
  for_columns(a.scores, [&](const std::string& of_class, const std::string& name, Offset column) {
    out[of_class][name] =
        number(a.scores.mean[column] - b.scores.mean[column], interval_of_difference(a.resamples, b.resamples, column));
  });
  return out;
}

nlohmann::json popularity_share(const RankedLists& lists, const std::vector<std::int64_t>& orders) {
  std::vector<Code> known;
  for (std::size_t i = 0; i < orders.size(); ++i)
    if (orders[i] > 0) known.push_back(static_cast<Code>(i));
  std::sort(known.begin(), known.end(),
            [&](Code a, Code b) { return orders[a] != orders[b] ? orders[a] > orders[b] : a < b; });
  std::vector<std::uint8_t> band(orders.size(), 2);
  for (std::size_t place = 0; place < known.size(); ++place)
    band[known[place]] = place * 100 < known.size() ? 0 : place * 10 < known.size() ? 1 : 2;
  double places[3] = {0, 0, 0};
  for (const Code item : lists.item)
    if (item != kNoCode) places[band[item]] += 1;
  const double all = std::max(1.0, places[0] + places[1] + places[2]);
  return {{"p0_90", places[2] / all}, {"p90_99", places[1] / all}, {"p99_100", places[0] / all}};
}

std::int64_t count_violations(const EvaluationSet& set, const RankedLists& lists, bool without_owned) {
  std::int64_t violations = 0;
  std::vector<Code> seen;
  for (Offset r = 0; r < static_cast<Offset>(set.customer.size()); ++r) {
    const auto owned = set.history.view().row(r);
    seen.assign(lists.item.begin() + r * lists.k, lists.item.begin() + (r + 1) * lists.k);
    std::erase(seen, kNoCode);
    if (without_owned)
      violations += std::count_if(seen.begin(), seen.end(),
                                  [&](Code item) { return std::binary_search(owned.begin(), owned.end(), item); });
    std::sort(seen.begin(), seen.end());
    violations += seen.end() - std::unique(seen.begin(), seen.end());
  }
  return violations;
}

}  // namespace nextbest
