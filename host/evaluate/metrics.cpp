#include "host/evaluate/metrics.hpp"

#include <algorithm>
#include <cmath>

namespace nextbest {
namespace {

double discount(Offset place) {
  return 1.0 / std::log2(static_cast<double>(place) + 1.0);
}

double ideal(Offset hits) {
  double sum = 0;
  for (Offset place = 1; place <= hits; ++place) sum += discount(place);
  return sum;
}

}  // namespace

std::string metric_name(std::string_view base, int k) {
  return std::string(base) + "_at_" + std::to_string(k);
}

ListMetrics metrics_at(std::span<const std::uint8_t> hit, Offset targets, int k) {
  const Offset places = std::min<Offset>(k, static_cast<Offset>(hit.size()));
  double hits = 0, gain = 0, precisions = 0, first = 0;
  for (Offset place = 1; place <= places; ++place) {
    if (!hit[place - 1]) continue;
    hits += 1;
    gain += discount(place);
    precisions += hits / static_cast<double>(place);
    if (first == 0) first = static_cast<double>(place);
  }
  if (hits == 0) return {};
  const auto all = static_cast<double>(targets);
  const Offset reachable = std::min<Offset>(k, targets);
  const double ideal_at_k = ideal(reachable);
  const double ideal_full = targets == reachable ? ideal_at_k : ideal(targets);
  return {hits / all,
          hits / static_cast<double>(reachable),
          gain / ideal_at_k,
          gain / ideal_full,
          1,
          hits / k,
          precisions / all,
          1 / first};
}

}  // namespace nextbest
