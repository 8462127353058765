#include "kernels/ops/pair_top_k.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>

#include "kernels/core/parallel.hpp"
#include "kernels/cpu/pair_rows.hpp"

namespace nextbest::cpu {
namespace {

PairJob make_job(const CpuPairIndex& index, const PairParams& params, const PairLists& out) {
  const PairTotals& totals = index.totals;
  const auto number = [&](std::int64_t count, std::int64_t weight) {
    return index.weighted ? from_fixed(weight) : static_cast<double>(count);
  };
  const auto sum = [](std::span<const std::int64_t> n) { return std::accumulate(n.begin(), n.end(), std::int64_t{0}); };
  return {index,
          params,
          out,
          !totals.partner_count.empty(),
          number(totals.units, totals.units_weight),
          number(sum(totals.right_count()), sum(totals.right_weight()))};
}

/// The rows in the order of their work, largest first, so that no thread is left with a giant at the end. Giants, of
/// more work than a thread's fair part of the whole, are split over all threads; the others are handed out in pieces
/// of similar work.
struct Schedule {
  std::vector<Code> giant;
  std::vector<Code> row;
  std::vector<Offset> piece{0};  // piece p holds rows [piece[p], piece[p + 1])
};

constexpr std::int64_t kRowWork = 16;  // what a row costs besides its increments

std::int64_t work_of(const PairJob& job, Code a) {
  return job.index.row_work[a] + kRowWork;
}

std::int64_t work_of(const PairJob& job, const std::vector<Code>& rows) {
  std::int64_t work = 0;
  for (const Code a : rows) work += work_of(job, a);
  return work;
}

Schedule make_schedule(const Context& ctx, const PairJob& job, std::vector<Code> rows) {
  constexpr std::int64_t kPiecesPerThread = 256, kLeastWork = 20'000, kLeastGiant = 100'000;
  Schedule schedule;
  const std::int64_t total_work = work_of(job, rows);
  std::stable_sort(rows.begin(), rows.end(), [&](Code x, Code y) { return work_of(job, x) > work_of(job, y); });
  const std::int64_t threads = std::max(ctx.threads, 1);
  const std::int64_t giant = std::max(kLeastGiant, total_work / (2 * threads));
  const std::int64_t wanted = std::max(kLeastWork, total_work / (kPiecesPerThread * threads));
  std::int64_t work = 0;
  for (const Code a : rows) {
    if (threads > 1 && work_of(job, a) >= giant) {
      schedule.giant.push_back(a);
      continue;
    }
    schedule.row.push_back(a);
    work += work_of(job, a);
    if (work < wanted) continue;
    schedule.piece.push_back(static_cast<Offset>(schedule.row.size()));
    work = 0;
  }
  if (work > 0) schedule.piece.push_back(static_cast<Offset>(schedule.row.size()));
  return schedule;
}

/// What is done of how much, over all rows of a call.
struct Progress {
  void report(const Context& ctx, std::int64_t work) {
    const std::int64_t so_far = done.fetch_add(work, std::memory_order_relaxed) + work;
    if (ctx.progress) ctx.progress(so_far, total_work);
  }

  const std::int64_t total_work;
  std::atomic<std::int64_t> done{0};
};

/// Rows that are counted in cells of one kind.
template <class Cell>
class Run {
 public:
  Run(Context& ctx, const PairJob& job, std::vector<Code> rows, Progress& progress)
      : ctx_(ctx),
        job_(job),
        schedule_(make_schedule(ctx, job, std::move(rows))),
        progress_(progress),
        workers_(std::max(ctx.threads, 1)) {
    on_every_thread(ctx, [&](int t) { workers_[t] = std::make_unique<PairRows<Cell>>(job); });
  }

  void run() {
    for (const Code a : schedule_.giant) {
      if (ctx_.cancelled && ctx_.cancelled()) return;
      run_giant(a);
      progress_.report(ctx_, work_of(job_, a));
    }
    parallel_for(ctx_, static_cast<Offset>(schedule_.piece.size()) - 1, 1, [&](Offset p, Offset, int thread) {
      std::int64_t work = 0;
      const Offset end = schedule_.piece[p + 1];
      for (Offset i = schedule_.piece[p]; i < end; ++i) {
        workers_[thread]->run(schedule_.row[i], i + 1 < end ? schedule_.row[i + 1] : kNoCode);
        work += work_of(job_, schedule_.row[i]);
      }
      progress_.report(ctx_, work);
    });
  }

 private:
  // Integers are counted, so it does not matter which thread counts which part.
  void run_giant(Code a) {
    const std::span<const RowUnit> units = job_.index.units_of(a);
    const std::vector<std::size_t> parts = cut_between_customers(units, 8 * workers_.size());
    const Context uninterrupted{ctx_.device, ctx_.threads, {}, {}};
    parallel_for(uninterrupted, static_cast<Offset>(parts.size()) - 1, 1, [&](Offset p, Offset, int thread) {
      workers_[thread]->count_part(units.subspan(parts[p], parts[p + 1] - parts[p]));
    });
    for (std::size_t t = 1; t < workers_.size(); ++t) workers_[0]->merge(*workers_[t]);
    workers_[0]->finish(a);
  }

  std::vector<std::size_t> cut_between_customers(std::span<const RowUnit> units, std::size_t parts) const {
    std::vector<std::size_t> cut{0};
    for (std::size_t p = 1; p <= parts; ++p) {
      std::size_t at = std::max(cut.back(), units.size() * p / parts);
      while (at > 0 && at < units.size() && units[at].same_customer()) ++at;
      cut.push_back(at);
    }
    return cut;
  }

  Context& ctx_;
  const PairJob& job_;
  const Schedule schedule_;
  Progress& progress_;
  std::vector<std::unique_ptr<PairRows<Cell>>> workers_;
};

template <bool kWeighted>
void run_rows(Context& ctx, const PairJob& job) {
  using Cells = CellsFor<kWeighted>;
  std::vector<Code> small, wide;
  for (Offset a = job.params.begin; a < job.params.end; ++a) {
    const PairTotals& totals = job.index.totals;
    (Cells::Small::fits({totals.count[a], totals.weight[a]}) ? small : wide).push_back(static_cast<Code>(a));
  }
  Progress progress{work_of(job, small) + work_of(job, wide)};
  if (!wide.empty()) Run<typename Cells::Wide>(ctx, job, std::move(wide), progress).run();
  if (!small.empty()) Run<typename Cells::Small>(ctx, job, std::move(small), progress).run();
}

}  // namespace

void pair_top_k(Context& ctx, const PairIndex& units, const PairParams& params, const PairLists& out) {
  const PairJob job = make_job(static_cast<const CpuPairIndex&>(units), params, out);
  if (units.weighted)
    run_rows<true>(ctx, job);
  else
    run_rows<false>(ctx, job);
}

}  // namespace nextbest::cpu
