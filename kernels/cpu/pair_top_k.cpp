#include "kernels/ops/pair_top_k.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>

#include "kernels/core/parallel.hpp"
#include "kernels/cpu/expected_together.hpp"
#include "kernels/cpu/pair_counters.hpp"
#include "kernels/cpu/pair_index.hpp"
#include "kernels/cpu/pair_selection.hpp"

namespace nextbest::cpu {
namespace {

/// The arguments of one call, and what all rows share.
struct Job {
  const PairUnits& units;
  const CsrView<float>& right;  // where the items b stand
  const CsrView<float> by_item;
  const PairTotals& totals;
  const PairParams& params;
  const PairLists& out;
  std::span<const std::int64_t> right_count;
  std::span<const std::int64_t> right_weight;
  bool weighted;
  std::int64_t min_customers;
  double all_units;  // U
  double all_lines;  // sum over items of n_b

  double number(std::int64_t count, std::int64_t weight) const {
    return weighted ? from_fixed(weight) : static_cast<double>(count);
  }
  double units_with(Code a) const { return number(totals.count[a], totals.weight[a]); }
  double right_units_with(Code b) const { return number(right_count[b], right_weight[b]); }
  double share(Code b) const { return right_units_with(b) / all_lines; }
};

Job make_job(const PairUnits& units, const CsrView<float>& by_item, const PairTotals& totals, const PairParams& params,
             const PairLists& out) {
  const auto sum = [](std::span<const std::int64_t> n) { return std::accumulate(n.begin(), n.end(), std::int64_t{0}); };
  Job job{units,
          units.right(),
          by_item,
          totals,
          params,
          out,
          totals.right_count(),
          totals.right_weight(),
          !units.weights.empty(),
          units.customers.empty() ? 0 : params.min_customers,
          0,
          0};
  job.all_units = job.number(totals.units, totals.units_weight);
  job.all_lines = job.number(sum(job.right_count), sum(job.right_weight));
  return job;
}

/// Counts, measures and cuts one row after another; one per thread.
template <class Counters>
class RowWorker {
 public:
  RowWorker(const Job& job, Offset max_others)
      : job_(job), counters_(job.units.baskets.cols), chance_(max_others), selection_(job.params.k) {}

  void run(Code a) {
    count(a);
    chance_.close();
    if (job_.params.measure == Measure::kShrunkLift)
      select_by_shrunk_lift(a);
    else
      select(a);
    write(a);
    counters_.next_row();
    chance_.clear();
    selection_.clear();
  }

 private:
  static constexpr int kLanes = ExpectedTogether::kLanes;

  void count(Code a) {
    const PairUnits& units = job_.units;
    for (const Code u : job_.by_item.row(a)) {
      const auto right = job_.right.row(u);
      const std::int64_t weight = units.weights.empty() ? kWeightOne : units.weights[u];
      counters_.start_unit(weight, units.customers.empty() ? kNoCode : units.customers[u]);
      for (const Code b : right) counters_.add(b);  // a itself too: one branch less
      chance_.add(static_cast<Offset>(right.size()) - (units.cross() ? 0 : 1), weight);
    }
  }

  /// Calls use(b, count) for every pair of the row with enough support, and clears the counters.
  template <class Use>
  void for_each_supported(Code a, Use&& use) {
    for (const Code b : counters_.touched()) {
      const PairCount n = counters_.take(b);
      if (b != a && n.count >= job_.params.min_support && n.customers >= job_.min_customers) use(b, n);
    }
  }

  PairCounts numbers(Code a, Code b, const PairCount& n) const {
    return {job_.weighted ? from_fixed(n.weight) : static_cast<double>(n.count), job_.units_with(a),
            job_.right_units_with(b), job_.all_units};
  }
  Ranked ranked(double score, Code b) const { return {static_cast<float>(score), job_.right_count[b], b}; }

  void select(Code a) {
    const Measure measure = job_.params.measure;
    for_each_supported(a, [&](Code b, const PairCount& n) {
      const PairCounts numbers_ab = numbers(a, b, n);
      if (measure == Measure::kLlr && !positively_associated(numbers_ab)) return;
      selection_.offer(ranked(association(measure, numbers_ab, 0, 0), b), n);
    });
  }

  // Chance is dear here, a power per size of unit: pairs that a bound refuses are dropped, the others wait for a full
  // set of lanes.
  void select_by_shrunk_lift(Code a) {
    constexpr double kRounding = 1 + 1e-12;  // the bound and the value are rounded differently
    const double k = job_.params.shrinkage;
    for_each_supported(a, [&](Code b, const PairCount& n) {
      const double both = numbers(a, b, n).both;
      const double bound = shrunk_lift(both, chance_.lower_bound(job_.share(b)), k) * kRounding;
      if (!selection_.may_enter(ranked(bound, b))) return;
      waiting_[waiting_size_++] = {b, both, n};
      if (waiting_size_ == kLanes) offer_waiting();
    });
    offer_waiting();
  }

  void offer_waiting() {
    ExpectedTogether::Lanes share{};
    for (int i = 0; i < waiting_size_; ++i) share[i] = job_.share(waiting_[i].b);
    const ExpectedTogether::Lanes expected = chance_.expected(share);
    for (int i = 0; i < waiting_size_; ++i) {
      const double score = shrunk_lift(waiting_[i].both, expected[i], job_.params.shrinkage);
      selection_.offer(ranked(score, waiting_[i].b), waiting_[i].count);
    }
    waiting_size_ = 0;
  }

  void write(Code a) {
    const auto& kept = selection_.sorted();
    const PairLists& out = job_.out;
    const Offset r = a - job_.params.begin, n = static_cast<Offset>(kept.size());
    for (Offset i = 0; i < n; ++i) {
      out.item(r, i) = kept[i].rank.item;
      out.score(r, i) = kept[i].rank.score;
      out.count(r, i) = kept[i].count.count;
      out.weight(r, i) = kept[i].count.weight;
      out.customers(r, i) = kept[i].count.customers;
    }
    for (Offset i = 0; i < n; i += kLanes) {
      const Offset lanes = std::min<Offset>(kLanes, n - i);
      ExpectedTogether::Lanes share{};
      for (Offset l = 0; l < lanes; ++l) share[l] = job_.share(kept[i + l].rank.item);
      const ExpectedTogether::Lanes expected = chance_.expected(share);
      std::copy_n(expected.begin(), lanes, out.expected.row(r) + i);
    }
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

  struct Waiting {
    Code b;
    double both;
    PairCount count;
  };

  const Job& job_;
  Counters counters_;
  ExpectedTogether chance_;
  PairSelection selection_;
  Waiting waiting_[kLanes];
  int waiting_size_ = 0;
};

/// The rows in the order of their work (largest first, so that no thread is left with a giant at the end), cut into
/// pieces of similar work.
struct Schedule {
  std::vector<Code> row;
  std::vector<Offset> piece{0};    // piece p holds rows [piece[p], piece[p + 1])
  std::vector<std::int64_t> work;  // [end - begin] increments of counters
  std::int64_t total_work = 0;
};

Schedule make_schedule(const Context& ctx, const Job& job) {
  constexpr std::int64_t kPiecesPerThread = 256, kLeastWork = 20'000, kRowWork = 16;
  const Offset begin = job.params.begin, rows = job.params.end - begin;
  Schedule schedule;
  schedule.work.resize(rows);
  const Context uninterrupted{ctx.device, ctx.threads, {}, {}};
  parallel_for(uninterrupted, rows, 256, [&](Offset from, Offset to, int) {
    for (Offset r = from; r < to; ++r) {
      std::int64_t sum = kRowWork;
      for (const Code u : job.by_item.row(begin + r)) sum += job.right.row_size(u);
      schedule.work[r] = sum;
    }
  });
  schedule.row.resize(rows);
  std::iota(schedule.row.begin(), schedule.row.end(), static_cast<Code>(begin));
  std::stable_sort(schedule.row.begin(), schedule.row.end(),
                   [&](Code x, Code y) { return schedule.work[x - begin] > schedule.work[y - begin]; });
  schedule.total_work = std::accumulate(schedule.work.begin(), schedule.work.end(), std::int64_t{0});
  const std::int64_t wanted = std::max(kLeastWork, schedule.total_work / (kPiecesPerThread * std::max(ctx.threads, 1)));
  std::int64_t work = 0;
  for (Offset i = 0; i < rows; ++i) {
    work += schedule.work[schedule.row[i] - begin];
    if (work < wanted && i + 1 < rows) continue;
    schedule.piece.push_back(i + 1);
    work = 0;
  }
  return schedule;
}

template <class Counters>
void run_rows(Context& ctx, const Job& job) {
  Offset max_others = 0;
  for (Offset u = 0; u < job.right.rows(); ++u) max_others = std::max(max_others, job.right.row_size(u));
  const Schedule schedule = make_schedule(ctx, job);
  std::vector<RowWorker<Counters>> workers;
  for (int t = 0; t < std::max(ctx.threads, 1); ++t) workers.emplace_back(job, max_others);

  std::atomic<std::int64_t> done{0};
  parallel_for(ctx, static_cast<Offset>(schedule.piece.size()) - 1, 1, [&](Offset p, Offset, int thread) {
    std::int64_t work = 0;
    for (Offset i = schedule.piece[p]; i < schedule.piece[p + 1]; ++i) {
      workers[thread].run(schedule.row[i]);
      work += schedule.work[schedule.row[i] - job.params.begin];
    }
    const std::int64_t so_far = done.fetch_add(work, std::memory_order_relaxed) + work;
    if (ctx.progress) ctx.progress(so_far, schedule.total_work);
  });
}

}  // namespace

void pair_top_k(Context& ctx, const PairIndex& index, const PairParams& params, const PairLists& out) {
  const auto& indexed = static_cast<const CpuPairIndex&>(index);
  const PairUnits units = indexed.units();
  const Job job = make_job(units, indexed.by_item(), index.totals, params, out);
  if (units.weights.empty() && units.customers.empty())
    run_rows<PlainCounters>(ctx, job);
  else
    run_rows<FullCounters>(ctx, job);
}

}  // namespace nextbest::cpu
