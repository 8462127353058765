#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "kernels/ops/pair_top_k.hpp"
#include "tests/reference/pairs.hpp"
#include "tests/support/random_csr.hpp"

namespace nextbest::test {

inline const std::vector<std::pair<Measure, std::string>>& all_measures() {
  static const std::vector<std::pair<Measure, std::string>> list{{Measure::kLlr, "llr"},
                                                                 {Measure::kLift, "lift"},
                                                                 {Measure::kShrunkLift, "shrunk_lift"},
                                                                 {Measure::kNpmi, "npmi"},
                                                                 {Measure::kJaccard, "jaccard"},
                                                                 {Measure::kCosine, "cosine"},
                                                                 {Measure::kConfidence, "confidence"},
                                                                 {Measure::kCount, "count"}};
  return list;
}

/// Whether a float score is the wanted one. Float rounding is 2^-24 of the value, on G^2 (whose root is written) 2^-23;
/// the double arithmetic before it adds, for x log x of up to U, at most some 40 roundings of 2^-53 times U log U, and
/// for the logarithm of a lift near 1 an absolute 2^-50.
inline bool score_agrees(float actual, double wanted, Measure measure, double units) {
  if (measure != Measure::kLlr)
    return std::fabs(actual - wanted) <= std::ldexp(std::fabs(wanted), -23) + std::ldexp(1, -46);
  const double bound = std::ldexp(wanted * wanted, -22) + std::ldexp((units + 1) * std::log(units + 2), -46);
  return std::fabs(static_cast<double>(actual) * actual - wanted * wanted) <= bound;
}

/// Baskets with what pairs need, and the same for the reference.
struct PairCase {
  Csr<float> baskets;
  std::vector<std::int64_t> weights;
  std::vector<Code> customers;
  Csr<float> partners{0, {}, {}, {}};  ///< without indptr: pairs within a basket

  PairUnits units() const { return {baskets.view(), weights, customers, partners.view()}; }
  reference::PairInput input() const {
    reference::PairInput in;
    in.items = static_cast<int>(baskets.cols);
    in.baskets = rows_of(baskets);
    in.partners = rows_of(partners);
    in.weights = weights;
    in.customers.assign(customers.begin(), customers.end());
    return in;
  }

 private:
  static std::vector<std::vector<int>> rows_of(const Csr<float>& csr) {
    std::vector<std::vector<int>> rows;
    for (Offset u = 0; u < csr.view().rows(); ++u) {
      const auto row = csr.view().row(u);
      rows.emplace_back(row.begin(), row.end());
    }
    return rows;
  }
};

inline PairCase make_case(const std::vector<std::vector<Code>>& baskets, Offset items) {
  PairCase made;
  made.baskets.cols = items;
  for (const auto& basket : baskets) {
    made.baskets.indices.insert(made.baskets.indices.end(), basket.begin(), basket.end());
    made.baskets.indptr.push_back(static_cast<Offset>(made.baskets.indices.size()));
  }
  return made;
}

/// Random baskets; weights up to 2, customers with up to four neighbouring units, every fifth of them nobody.
inline PairCase random_case(std::uint64_t seed, Offset units, Offset items, bool weighted, bool with_customers) {
  PairCase made{random_csr(seed, units, items, 5), {}, {}, {0, {}, {}, {}}};
  std::mt19937_64 random(seed + 1);
  for (Offset u = 0; weighted && u < units; ++u) made.weights.push_back(1 + below(random, std::int64_t{1} << 21));
  for (Code c = 0; with_customers && static_cast<Offset>(made.customers.size()) < units; ++c)
    for (std::int64_t n = 1 + below(random, 4); n > 0 && static_cast<Offset>(made.customers.size()) < units; --n)
      made.customers.push_back(c % 5 == 4 ? kNoCode : c);
  return made;
}

/// The lists of one call, in buffers wider than needed; what lies beside the lists must stay as it was.
struct OwnedPairLists {
  static constexpr Offset kPadding = 3;
  static constexpr std::int64_t kSentinel = -77;

  OwnedPairLists(Offset rows_, int k_)
      : rows(rows_),
        k(k_),
        stride(k_ + kPadding),
        item(rows_ * stride, static_cast<Code>(kSentinel)),
        score(rows_ * stride, static_cast<float>(kSentinel)),
        count(rows_ * stride, kSentinel),
        weight(rows_ * stride, kSentinel),
        customers(rows_ * stride, kSentinel),
        expected(rows_ * stride, static_cast<double>(kSentinel)) {}

  PairLists view() {
    return {{item.data(), rows, k, stride},   {score.data(), rows, k, stride},     {count.data(), rows, k, stride},
            {weight.data(), rows, k, stride}, {customers.data(), rows, k, stride}, {expected.data(), rows, k, stride}};
  }
  bool padding_untouched() const {
    for (Offset r = 0; r < rows; ++r)
      for (Offset i = r * stride + k; i < (r + 1) * stride; ++i)
        if (item[i] != kSentinel || score[i] != kSentinel || count[i] != kSentinel || weight[i] != kSentinel ||
            customers[i] != kSentinel || expected[i] != kSentinel)
          return false;
    return true;
  }
  bool operator==(const OwnedPairLists&) const = default;

  Offset rows;
  int k;
  Offset stride;
  std::vector<Code> item;
  std::vector<float> score;
  std::vector<std::int64_t> count, weight, customers;
  std::vector<double> expected;
};

/// Index and lists of one case.
struct PairRun {
  PairRun(Context& ctx, const PairCase& made) : index(index_pairs(ctx, made.units())) {}
  OwnedPairLists lists(Context& ctx, const PairParams& params) const {
    OwnedPairLists out(params.end - params.begin, params.k);
    pair_top_k(ctx, *index, params, out.view());
    return out;
  }

  std::unique_ptr<const PairIndex> index;
};

}  // namespace nextbest::test
