#include <algorithm>

#include "host/export/tables.hpp"
#include "host/export/tables/rows.hpp"
#include "kernels/math/fixed_point.hpp"
#include "kernels/ops/pair_measures.hpp"

namespace nextbest {
namespace {

/// The columns of some rows of the table `pairs`.
struct PairRows {
  std::vector<Code> target, item;
  std::vector<std::int32_t> rank;
  std::vector<float> score;
  std::vector<std::int64_t> both, n_target, n_item, customers;
  std::vector<double> expected;
  std::vector<double> weight_both, weight_target, weight_item;  // what the measures are made of

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
    expected.push_back(pairs.expected[place]);
    add_evidence(pairs, of, place);
  }

  /// The sums of weights where units are weighted, the counts where they are not.
  void add_evidence(const PairTable& pairs, Code of, Offset place) {
    const Code other = pairs.item[place];
    const bool weighted = !pairs.weight.empty();
    const auto number = [&](std::int64_t count, const std::vector<std::int64_t>& weights, Offset at) {
      return weighted ? from_fixed(weights[at]) : static_cast<double>(count);
    };
    weight_both.push_back(number(pairs.count[place], pairs.weight, place));
    weight_target.push_back(number(pairs.item_count[of], pairs.item_weight, of));
    weight_item.push_back(number(pairs.item_count[other], pairs.item_weight, other));
  }

  /// all  U; weighted where units are
  Chunk as_chunk(const Dictionary& items, std::int64_t units, double all, const std::string& run_id) && {
    const std::size_t rows = size();
    std::vector<double> support(rows), confidence(rows), confidence_lb95(rows), lift(rows), shrunk_lift(rows),
        llr(rows), npmi(rows), jaccard(rows), cosine(rows);
    pair_measures({weight_both, weight_target, weight_item, expected, all},
                  {support, confidence, confidence_lb95, lift, shrunk_lift, llr, npmi, jaccard, cosine});
    return Chunk{{"target_item_id", IdColumn{&items, std::move(target)}},
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
  }
};

class PairsTable : public TableOf<PairTable> {
 public:
  PairsTable(const TableTarget& target, const OrderLog& log, const std::string& run_id, const Context& ctx)
      : log_(log), run_id_(run_id), writer_(open_table(target)) {
    ctx_.threads = ctx.threads;
  }

  void add(const PairTable& pairs) override {
    units_ = pairs.units;
    all_ = pairs.weight.empty() ? static_cast<double>(pairs.units) : from_fixed(pairs.units_weight);
    write_entries(
        ctx_, pairs.rows(), rest_, [&](Offset row) { return pairs.offset[row + 1] - pairs.offset[row]; },
        [&](Offset row, PairRows& rows) {
          for (Offset place = pairs.offset[row]; place < pairs.offset[row + 1]; ++place) rows.add(pairs, row, place);
        },
        [&](PairRows&& rows) { return as_chunk(std::move(rows)); }, *writer_);
  }
  std::vector<WrittenFile> finish() override {
    writer_->write(as_chunk(std::move(rest_)));
    return writer_->finish();
  }

 private:
  Chunk as_chunk(PairRows&& rows) const { return std::move(rows).as_chunk(log_.items, units_, all_, run_id_); }

  const OrderLog& log_;
  std::string run_id_;
  Context ctx_;
  std::unique_ptr<TableWriter> writer_;
  PairRows rest_;  ///< not enough for a chunk yet
  std::int64_t units_ = 0;
  double all_ = 0;
};

}  // namespace

std::unique_ptr<TableOf<PairTable>> open_pairs(const TableTarget& target, const OrderLog& log,
                                               const std::string& run_id, const Context& ctx) {
  return std::make_unique<PairsTable>(target, log, run_id, ctx);
}

}  // namespace nextbest
