#include "kernels/ops/sequence_top_k.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "kernels/core/parallel.hpp"
#include "kernels/math/line_pair.hpp"
#include "kernels/math/rank_order.hpp"

namespace nextbest::cpu {
namespace {

constexpr Offset kGrain = 16;  // items per piece of work

/// The sums of one item with all others.
class Sums {
 public:
  explicit Sums(Offset items) : sum_(items, 0.0), pairs_(items, 0) {}

  void add(Code item, double weight) {
    if (pairs_[item]++ == 0) touched_.push_back(item);
    sum_[item] += weight;
  }

  double total() const {
    double total = 0;
    for (const Code item : touched_) total += sum_[item];
    return total;
  }

  /// Calls body(item, sum, pairs) for all that were added, and leaves the sums empty.
  template <class Body>
  void drain(const Body& body) {
    for (const Code item : touched_) {
      body(item, sum_[item], pairs_[item]);
      sum_[item] = 0;
      pairs_[item] = 0;
    }
    touched_.clear();
  }

 private:
  std::vector<double> sum_;
  std::vector<std::int32_t> pairs_;
  std::vector<Code> touched_;
};

class Rows {
 public:
  Rows(const Sequences& in, const CsrView<float>& lines_of, const SequenceParams& params, const SequenceLists& out)
      : in_(in),
        lines_of_(lines_of),
        params_(params),
        out_(out),
        lines_in_{in.item.data(), in.basket.data(), in.day.data(), in.weight.data()},
        by_baskets_(powers_of(params.basket_decay)),
        by_days_(powers_of(factor_per_day(params.half_life_days))),
        rule_{params.same_basket,
              params.either_order,
              params.basket_decay,
              params.window_days,
              {params.basket_decay, by_baskets_.data()},
              {factor_per_day(params.half_life_days), by_days_.data()}} {}

  void make(Code a, Sums& sums, std::vector<Ranked>& found) const {
    Code customer = 0;
    for (const Code line : lines_of_.row(a)) {
      customer = customer_of(line, customer);
      add_pairs(line, customer, sums);
    }
    const double anchor =
        std::pow((params_.by_exposure ? sums.total() : lines(a)) + params_.prior, params_.anchor_exponent);
    found.clear();
    sums.drain([&](Code b, double sum, std::int32_t pairs) {
      if (pairs < params_.min_pairs || sum == 0) return;
      const double worth = std::pow(sum, params_.sharpness) / (anchor * std::pow(lines(b), params_.target_exponent));
      found.push_back({static_cast<float>(worth), lines_of_.row_size(b), b});
    });
    write(a - params_.begin, found);
  }

 private:
  double lines(Code item) const { return static_cast<double>(std::max<Offset>(lines_of_.row_size(item), 1)); }

  // Lines of an item ascend, so the search starts where the last one ended.
  Code customer_of(Code line, Code from) const {
    const auto next = std::upper_bound(in_.customer_offset.begin() + from, in_.customer_offset.end(), Offset{line});
    return static_cast<Code>(next - in_.customer_offset.begin() - 1);
  }

  void add_pairs(Code e, Code customer, Sums& sums) const {
    const Offset first = params_.either_order ? in_.customer_offset[customer] : e;
    double weight = 0;
    for (Offset f = first; f < in_.customer_offset[customer + 1]; ++f)
      if (is_line_pair(lines_in_, rule_, e, f, weight)) sums.add(in_.item[f], weight);
  }

  void write(Offset row, std::vector<Ranked>& found) const {
    const Offset k = std::min<Offset>(out_.item.cols, static_cast<Offset>(found.size()));
    std::partial_sort(found.begin(), found.begin() + k, found.end(), RanksBefore());
    for (Offset place = 0; place < k; ++place) {
      out_.item(row, place) = found[place].item;
      out_.score(row, place) = found[place].score;
    }
    std::fill(out_.item.row(row) + k, out_.item.row(row) + out_.item.cols, kNoCode);
    std::fill(out_.score.row(row) + k, out_.score.row(row) + out_.score.cols, 0.0F);
  }

  const Sequences& in_;
  const CsrView<float>& lines_of_;
  const SequenceParams& params_;
  const SequenceLists& out_;
  LineArrays lines_in_;
  std::vector<double> by_baskets_, by_days_;
  LinePairRule rule_;
};

}  // namespace

void sequence_top_k(Context& ctx, const Sequences& in, const CsrView<float>& lines_of, const SequenceParams& params,
                    const SequenceLists& out) {
  const Rows rows(in, lines_of, params, out);
  std::vector<std::unique_ptr<Sums>> sums(ctx.threads);  // each made by the thread that uses it
  parallel_for(ctx, params.end - params.begin, kGrain, [&](Offset begin, Offset end, int thread) {
    if (!sums[thread]) sums[thread] = std::make_unique<Sums>(in.items);
    std::vector<Ranked> found;
    for (Offset row = begin; row < end; ++row) rows.make(static_cast<Code>(params.begin + row), *sums[thread], found);
  });
}

}  // namespace nextbest::cpu
