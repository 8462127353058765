#include <algorithm>

#include "host/export/tables.hpp"
#include "host/export/tables/rows.hpp"
#include "kernels/math/association.hpp"
#include "kernels/math/fixed_point.hpp"

namespace nextbest {
namespace {

/// The columns of some rows of the table `pairs`.
struct PairRows {
  std::vector<Code> target, item;
  std::vector<std::int32_t> rank;
  std::vector<float> score;
  std::vector<std::int64_t> both, n_target, n_item, customers;
  std::vector<double> support, confidence, confidence_lb95, expected, lift, shrunk_lift, llr, npmi, jaccard, cosine;

  std::size_t size() const { return target.size(); }

  /// A pair of the table's row `row`.
  void add(const PairTable& pairs, Offset row, Offset place) {
    const Code of = static_cast<Code>(pairs.first + row);
    const Code other = pairs.item[place];
    target.push_back(of);
    item.push_back(other);
    rank.push_back(static_cast<std::int32_t>(place - pairs.offset[row] + 1));
    score.push_back(pairs.score[place]);
    both.push_back(pairs.count[place]);
    n_target.push_back(pairs.item_count[of]);
    n_item.push_back(pairs.item_count[other]);
    customers.push_back(pairs.customers.empty() ? kNoTime : pairs.customers[place]);
    add_measures(evidence(pairs, of, place), pairs.expected[place]);
  }

  /// The sums of weights where units are weighted, the counts where they are not.
  static PairCounts evidence(const PairTable& pairs, Code of, Offset place) {
    const Code other = pairs.item[place];
    if (pairs.weight.empty()) {
      return {static_cast<double>(pairs.count[place]), static_cast<double>(pairs.item_count[of]),
              static_cast<double>(pairs.item_count[other]), static_cast<double>(pairs.units)};
    }
    return {from_fixed(pairs.weight[place]), from_fixed(pairs.item_weight[of]), from_fixed(pairs.item_weight[other]),
            from_fixed(pairs.units_weight)};
  }

  void add_measures(const PairCounts& n, double by_chance) {
    support.push_back(nextbest::support(n));
    confidence.push_back(nextbest::confidence(n));
    confidence_lb95.push_back(wilson_lower(n.both, n.a));
    expected.push_back(by_chance);
    lift.push_back(nextbest::lift(n));
    shrunk_lift.push_back(nextbest::shrunk_lift(n.both, by_chance, kLiftShrinkage));
    llr.push_back(nextbest::llr(n));
    npmi.push_back(nextbest::npmi(n));
    jaccard.push_back(nextbest::jaccard(n));
    cosine.push_back(nextbest::cosine(n));
  }

  Chunk take(const Dictionary& items, std::int64_t units, const std::string& run_id) {
    const std::size_t rows = size();
    Chunk chunk{{"target_item_id", IdColumn{&items, std::move(target)}},
                {"item_id", IdColumn{&items, std::move(item)}},
                {"rank", std::move(rank)},
                {"score", std::move(score)},
                {"n_orders_both", std::move(both)},
                {"n_target", std::move(n_target)},
                {"n_item", std::move(n_item)},
                {"n_orders", std::vector<std::int64_t>(rows, units)},
                {"n_customers_both", std::move(customers)},
                {"support", std::move(support)},
                {"confidence", std::move(confidence)},
                {"confidence_lb95", std::move(confidence_lb95)},
                {"expected", std::move(expected)},
                {"lift", std::move(lift)},
                {"shrunk_lift", std::move(shrunk_lift)},
                {"llr", std::move(llr)},
                {"npmi", std::move(npmi)},
                {"jaccard", std::move(jaccard)},
                {"cosine", std::move(cosine)},
                {"slice", repeated(rows, "all")},
                {"source", repeated(rows, "together")},
                {"run_id", repeated(rows, run_id)}};
    *this = PairRows{};
    return chunk;
  }
};

class PairsTable : public TableOf<PairTable> {
 public:
  PairsTable(const TableTarget& target, const OrderLog& log, const std::string& run_id)
      : log_(log), run_id_(run_id), writer_(open_table(target)) {}

  void add(const PairTable& pairs) override {
    units_ = pairs.units;
    for (Offset row = 0; row < pairs.rows(); ++row) {
      for (Offset place = pairs.offset[row]; place < pairs.offset[row + 1]; ++place) rows_.add(pairs, row, place);
      if (rows_.size() >= kChunkRows) writer_->write(rows_.take(log_.items, units_, run_id_));
    }
  }
  std::vector<WrittenFile> finish() override {
    writer_->write(rows_.take(log_.items, units_, run_id_));
    return writer_->finish();
  }

 private:
  const OrderLog& log_;
  std::string run_id_;
  std::unique_ptr<TableWriter> writer_;
  PairRows rows_;
  std::int64_t units_ = 0;
};

}  // namespace

std::unique_ptr<TableOf<PairTable>> open_pairs(const TableTarget& target, const OrderLog& log,
                                               const std::string& run_id) {
  return std::make_unique<PairsTable>(target, log, run_id);
}

}  // namespace nextbest
