#pragma once

#include <algorithm>
#include <array>
#include <limits>

#include "kernels/cpu/expected_together.hpp"
#include "kernels/cpu/keep_where.hpp"
#include "kernels/cpu/pair_counters.hpp"
#include "kernels/cpu/pair_scores.hpp"
#include "kernels/cpu/pair_selection.hpp"
#include "kernels/ops/pair_top_k.hpp"

namespace nextbest::cpu {

/// The arguments of one call, and what all rows share.
struct PairJob {
  const CpuPairIndex& index;
  const PairParams& params;
  const PairLists& out;
  bool cross;
  double all_units;  ///< U, weighted where there are weights
  double all_lines;  ///< sum over items of n_b, likewise
};

/// What is refused without a look at its score. All measures rise with N, and they fall with n_b or do not look at it:
/// of pairs with the same or a smaller count than one that failed, those with an item as often bought or oftener fail
/// too; and where n_b does not matter those behind it in the order of equal scores. Of use where ranks follow n_b:
/// without weights.
class KnownFailures {
 public:
  static constexpr std::uint32_t kCounts = 16;  ///< counts from kCounts - 1 on are never refused

  bool refuses(std::uint32_t count, std::uint32_t rank) const {
    const std::uint32_t c = std::min(count, kCounts - 1);
    return (rank < from_rank_[c]) | (rank >= to_rank_[c]);
  }
  /// Failed by its score, clearly beyond all rounding.
  void note_below(std::uint32_t count, std::uint32_t rank) {
    for (std::uint32_t c = std::min(count, kCounts - 2); c > 0 && from_rank_[c] <= rank; --c) from_rank_[c] = rank + 1;
  }
  /// Failed by its score or by its rank.
  void note_behind(std::uint32_t count, std::uint32_t rank) {
    for (std::uint32_t c = std::min(count, kCounts - 2); c > 0 && to_rank_[c] > rank; --c) to_rank_[c] = rank;
  }
  /// Of pairs counted once, all are refused whose rank lies outside [once_from(), once_to()).
  std::uint32_t once_from() const { return from_rank_[1]; }
  std::uint32_t once_to() const { return to_rank_[1]; }
  void clear() {
    from_rank_.fill(0);
    to_rank_.fill(std::numeric_limits<std::uint32_t>::max());
  }

 private:
  std::array<std::uint32_t, kCounts> from_rank_{}, to_rank_{};  // ranks below, or from there on, are refused
};

/// Counts, measures and cuts one row after another; one per thread.
template <class Cell>
class PairRows {
 public:
  explicit PairRows(const PairJob& job)
      : job_(job),
        counters_(job.index),
        chance_(job.index.largest_unit),
        selection_(std::min<Offset>(job.params.k, std::max<Offset>(job.index.items, 1))),
        min_customers_(job.index.with_customers ? as_count(job.params.min_customers, 0) : 0),
        least_(as_count(std::max<std::int64_t>(job.params.min_support, min_customers_), 1)),
        looks_at_partner_(job.params.measure != Measure::kCount && job.params.measure != Measure::kConfidence) {
    failures_.clear();
  }

  /// next  the row after it, or kNoCode: its records come from memory while this one is cut
  void run(Code a, Code next) {
    count(job_.index.units_of(a));
    if (next != kNoCode) counters_.prefetch_first(job_.index.units_of(next));
    prefetch_lists(a);
    finish(a);
  }
  /// A row in parts: count_part() on any threads, then merge() into one, which finishes.
  void count_part(std::span<const RowUnit> units) {
    count(units);
    counters_.count_repeats(0);
  }
  void merge(PairRows& other) {
    counters_.merge(other.counters_);
    chance_.merge(other.chance_);
    other.clear();
  }
  void finish(Code a) {
    chance_.close();
    counters_.drop(job_.index.rank[a]);
    if (min_customers_ > 0) counters_.count_repeats(std::max(min_customers_, kAgain));
    select(a);
    write(a);
    clear();
  }

 private:
  static constexpr bool kWeighted = Cell::kWeighted;
  static constexpr std::size_t kBlock = PairSelection::kBlock;
  static constexpr std::uint32_t kAgain = 2;  // counted less, an item has no second unit of a customer

  // Numbers of units are at most this.
  static std::uint32_t as_count(std::int64_t n, std::int64_t least) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(n, least, std::numeric_limits<std::uint32_t>::max()));
  }
  void count(std::span<const RowUnit> units) { counters_.add(units, job_.cross ? 0 : 1, chance_); }

  void clear() {
    counters_.clear();
    chance_.clear();
    selection_.clear();
    failures_.clear();
  }

  double units_with(Code a) const {
    const PairTotals& totals = job_.index.totals;
    return kWeighted ? from_fixed(totals.weight[a]) : static_cast<double>(totals.count[a]);
  }
  double both(std::uint32_t b) const {
    return kWeighted ? from_fixed(counters_.weight(b)) : static_cast<double>(counters_.count(b));
  }
  double share(std::uint32_t b) const { return job_.index.right_item[b].number / job_.all_lines; }

  void select(Code a) {
    RowScores row{job_.params.measure, units_with(a), job_.all_units, job_.params.shrinkage};
    row.margin = llr_margin(row.a, row.units);
    row.all = x_log_x(row.units);
    offer_more(row);
    if (least_ > 1) return;
    selection_.tighten();
    if (best_of_once_fails(row)) return;
    const auto items = static_cast<std::uint32_t>(job_.index.items);
    if constexpr (kWeighted) return offer_once(row, 0, items);
    // What was counted once is most. The best of it goes first: the rarest partners, or the most popular ones where
    // nothing but the order of equal scores looks at n_b. That refuses most of the rest.
    const double share = 2.0 * job_.params.k / static_cast<double>(counters_.touched().size() + 1);
    const std::uint32_t pivot = job_.index.rank_at(looks_at_partner_ ? 1 - share : share);
    offer_once(row, looks_at_partner_ ? pivot : 0, looks_at_partner_ ? items : pivot);
    offer_once(row, looks_at_partner_ ? 0 : pivot, looks_at_partner_ ? pivot : items);
  }
  // Whether no pair counted once can enter, whatever its item.
  bool best_of_once_fails(const RowScores& row) {
    if (kWeighted || row.measure == Measure::kShrunkLift || selection_.threshold() == PairSelection::kNever)
      return false;
    const double one = 1, rarest = std::max(1.0, job_.index.right_item.back().number),
                 margin = llr_margin(rarest, row.units);
    float score;
    pair_scores(row, &one, &rarest, &margin, 1, &score);
    return looks_at_partner_ ? score < clear_failure() : selection_.refuses(score, 0);
  }
  // What was counted more than once.
  void offer_more(const RowScores& row) {
    std::span<const std::uint32_t> items = counters_.more();
    while (!items.empty()) {
      std::size_t n = 0, taken = 0;
      for (; taken < items.size() && n < kBlock; ++taken) {
        const std::uint32_t b = items[taken], count = counters_.count(b);
        rank_[n] = b;
        n += (count >= least_) & !failures_.refuses(count, b);
      }
      items = items.subspan(taken);
      offer(row, n);
    }
  }
  // What was counted once and has a rank in [begin, end). Ranks come first: they need no look at the counters.
  void offer_once(const RowScores& row, std::uint32_t begin, std::uint32_t end) {
    std::span<const std::uint32_t> items = counters_.touched();
    while (!items.empty()) {
      std::size_t n = 0;
      while (!items.empty() && n < kBlock / 2) {
        const auto some = items.first(std::min(items.size(), kBlock / 2));
        const std::uint32_t from = std::max(begin, failures_.once_from()), to = std::min(end, failures_.once_to());
        std::uint32_t* const found = rank_ + n;
        const std::size_t between = from < to ? keep_where(some, some.data(), from, to, found) : 0;
        for (std::size_t i = 0; i < between; ++i) {
          rank_[n] = found[i];
          n += counters_.count(found[i]) == 1;
        }
        items = items.subspan(some.size());
      }
      offer(row, n);
    }
  }

  template <class Passes>
  std::size_t keep(std::size_t n, Passes&& passes) {
    return static_cast<std::size_t>(std::remove_if(rank_, rank_ + n, [&](std::uint32_t b) { return !passes(b); }) -
                                    rank_);
  }
  // Chance is dear: a power per size of unit. A bound with one power refuses most.
  bool may_reach(std::uint32_t b, double shrinkage) const {
    constexpr double kRounding = 1 + 1e-12;  // the bound and the value are rounded differently
    const double bound = shrunk_lift(both(b), chance_.lower_bound(share(b)), shrinkage) * kRounding;
    return static_cast<float>(bound) >= selection_.threshold();
  }

  void offer(const RowScores& row, std::size_t n) {
    if (min_customers_ > 0) n = keep(n, [&](std::uint32_t b) { return counters_.customers(b) >= min_customers_; });
    if (row.measure == Measure::kShrunkLift && selection_.threshold() != PairSelection::kNever)
      n = keep(n, [&](std::uint32_t b) { return may_reach(b, row.shrinkage); });
    if (n == 0) return;
    for (std::size_t i = 0; i < n; ++i) both_[i] = both(rank_[i]);
    for (std::size_t i = 0; looks_at_partner_ && i < n; ++i) {
      right_[i] = job_.index.right_item[rank_[i]].number;
      extra_[i] = job_.index.right_item[rank_[i]].margin;
    }
    if (row.measure == Measure::kShrunkLift) {
      for (std::size_t i = 0; i < n; ++i) share_[i] = right_[i] / job_.all_lines;
      chance_.expected(share_, n, extra_);
    }
    pair_scores(row, both_, right_, extra_, n, score_);
    selection_.offer({rank_, n}, score_);
    if constexpr (!kWeighted) note_failures(n);
  }
  // Scores below fail beyond all rounding.
  float clear_failure() const {
    const float threshold = selection_.threshold();
    return threshold - 1e-5F * std::fabs(threshold) - std::numeric_limits<float>::min();
  }
  void note_failures(std::size_t n) {
    if (selection_.threshold() == PairSelection::kNever) return;
    const float failure = clear_failure();
    for (std::size_t i = 0; i < n; ++i)
      if (looks_at_partner_) {
        if (score_[i] < failure) failures_.note_below(counters_.count(rank_[i]), rank_[i]);
      } else if (selection_.refuses(score_[i], rank_[i])) {
        failures_.note_behind(counters_.count(rank_[i]), rank_[i]);
      }
  }

  // Where no customers were asked for yet, those of the pairs kept are enough.
  void count_repeats_of(std::span<const std::uint64_t> kept) {
    if (min_customers_ > 0 || kept.empty()) return;
    std::uint32_t least = std::numeric_limits<std::uint32_t>::max();
    for (const std::uint64_t key : kept) least = std::min(least, counters_.count(PairSelection::rank_of(key)));
    counters_.count_repeats(std::max(least, kAgain));
  }

  // Rows are not written in their order: the places where this one goes are on their way from memory while it is cut.
  void prefetch_lists(Code a) const {
    const auto row = [&](const auto& list) {
      const auto* const begin = reinterpret_cast<const char*>(list.row(a - job_.params.begin));
      for (Offset i = 0; i < list.cols * static_cast<Offset>(sizeof *list.row(0)); i += 64)
        __builtin_prefetch(begin + i, 1);
    };
    const PairLists& out = job_.out;
    row(out.item), row(out.score), row(out.count), row(out.weight), row(out.customers), row(out.expected);
  }

  void write(Code a) {
    const std::span<const std::uint64_t> kept = selection_.sorted();
    const PairLists& out = job_.out;
    const Offset r = a - job_.params.begin, n = static_cast<Offset>(kept.size());
    count_repeats_of(kept);
    const auto of_rank = [&](auto* to, auto&& value) {
      for (Offset i = 0; i < n; ++i) to[i] = value(PairSelection::rank_of(kept[i]));
    };
    for (Offset i = 0; i < n; ++i) out.score.row(r)[i] = PairSelection::score_of(kept[i]);
    of_rank(out.item.row(r), [&](std::uint32_t b) { return job_.index.code[b]; });
    of_rank(out.count.row(r), [&](std::uint32_t b) { return std::int64_t{counters_.count(b)}; });
    of_rank(out.weight.row(r), [&](std::uint32_t b) { return counters_.weight(b); });
    of_rank(out.customers.row(r), [&](std::uint32_t b) { return counters_.customers(b); });
    of_rank(out.expected.row(r), [&](std::uint32_t b) { return share(b); });
    chance_.expected(out.expected.row(r), kept.size(), out.expected.row(r));
    close_row(out.item, r, n, kNoCode);
    close_row(out.score, r, n, 0.0F);
    close_row(out.count, r, n, std::int64_t{0});
    close_row(out.weight, r, n, std::int64_t{0});
    close_row(out.customers, r, n, std::int64_t{0});
    close_row(out.expected, r, n, 0.0);
  }

  template <class T>
  static void close_row(const Matrix<T>& list, Offset r, Offset from, T value) {
    std::fill(list.row(r) + from, list.row(r) + list.cols, value);
  }

  const PairJob& job_;
  PairCounters<Cell> counters_;
  ExpectedTogether chance_;
  PairSelection selection_;
  KnownFailures failures_;
  std::uint32_t min_customers_;
  std::uint32_t least_;                        // units; each customer has one
  bool looks_at_partner_;                      // the measure, at n_b
  std::uint32_t rank_[kBlock + kKeptPadding];  // of one block of candidates
  double both_[kBlock], right_[kBlock], share_[kBlock], extra_[kBlock];
  float score_[kBlock];
};

}  // namespace nextbest::cpu
