#include "tests/reference/pairs.hpp"

#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

namespace nextbest::reference {
namespace {

constexpr double kStep = 1.0 / 1048576.0;

long double observed_log_ratio(long double observed, long double expected) {
  return observed > 0 ? observed * std::log(observed / expected) : 0.0L;
}

long double g_squared(long double both, long double a, long double b, long double units) {
  return 2 * (observed_log_ratio(both, a * b / units) + observed_log_ratio(a - both, a * (units - b) / units) +
              observed_log_ratio(b - both, (units - a) * b / units) +
              observed_log_ratio(units - a - b + both, (units - a) * (units - b) / units));
}

struct Cell {
  std::int64_t count = 0, weight = 0;
  std::set<int> customers;
};

}  // namespace

double measure(const std::string& name, double both, double a, double b, double units, double expected,
               double shrinkage) {
  const long double n = both, na = a, nb = b, u = units;
  if (name == "count") return both;
  if (name == "confidence") return static_cast<double>(n / na);
  if (name == "lift") return static_cast<double>(n / (na * nb / u));
  if (name == "shrunk_lift") return (both + shrinkage) / (expected + shrinkage);
  if (name == "npmi")
    return both == units ? 1.0 : static_cast<double>(std::log((n / u) / ((na / u) * (nb / u))) / std::log(u / n));
  if (name == "jaccard") return static_cast<double>(n / (na + nb - n));
  if (name == "cosine") return static_cast<double>(n / std::sqrt(na) / std::sqrt(nb));
  if (name == "llr") return static_cast<double>(std::sqrt(std::fmax(0.0L, g_squared(n, na, nb, u))));
  throw std::invalid_argument("no measure " + name);
}

std::vector<std::int64_t> partner_counts(const PairInput& input) {
  std::vector<std::int64_t> count(input.items, 0);
  for (const auto& basket : input.partners.empty() ? input.baskets : input.partners)
    for (const int a : basket) ++count[a];
  return count;
}

std::vector<std::vector<PairRow>> all_pairs(const PairInput& input, const std::string& name, double shrinkage) {
  const bool weighted = !input.weights.empty(), cross = !input.partners.empty();
  std::vector<std::map<int, Cell>> cells(input.items);
  std::vector<double> n(input.items, 0), n_right(input.items, 0);
  double units = 0, lines = 0;
  for (std::size_t u = 0; u < input.baskets.size(); ++u) {
    const double weight = weighted ? static_cast<double>(input.weights[u]) * kStep : 1.0;
    const std::vector<int>& right = cross ? input.partners[u] : input.baskets[u];
    units += weight;
    for (const int b : right) {
      n_right[b] += weight;
      lines += weight;
    }
    for (const int a : input.baskets[u]) {
      n[a] += weight;
      for (const int b : right) {
        if (a == b) continue;
        Cell& cell = cells[a][b];
        cell.count += 1;
        cell.weight += weighted ? input.weights[u] : 1048576;
        if (!input.customers.empty() && input.customers[u] >= 0) cell.customers.insert(input.customers[u]);
      }
    }
  }
  std::vector<std::vector<PairRow>> rows(input.items);
  for (int a = 0; a < input.items; ++a)
    for (const auto& [b, cell] : cells[a]) {
      PairRow row{b, 0, cell.count, cell.weight, static_cast<std::int64_t>(cell.customers.size()), 0, false};
      for (std::size_t u = 0; u < input.baskets.size(); ++u) {
        bool holds = false;
        for (const int item : input.baskets[u]) holds = holds || item == a;
        if (!holds) continue;
        const double weight = weighted ? static_cast<double>(input.weights[u]) * kStep : 1.0;
        const std::size_t others = cross ? input.partners[u].size() : input.baskets[u].size() - 1;
        row.expected += weight * (1 - std::pow(1 - n_right[b] / lines, static_cast<double>(others)));
      }
      const double both = weighted ? static_cast<double>(cell.weight) * kStep : static_cast<double>(cell.count);
      row.score = measure(name, both, n[a], n_right[b], units, row.expected, shrinkage);
      row.positive = both * units > n[a] * n_right[b];
      rows[a].push_back(row);
    }
  return rows;
}

}  // namespace nextbest::reference
