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
  std::int64_t total_work = 0;
};

constexpr std::int64_t kRowWork = 16;  // what a row costs besides its increments

std::int64_t work_of(const PairJob& job, Code a) {
  return job.index.row_work[a] + kRowWork;
}

Schedule make_schedule(const Context& ctx, const PairJob& job) {
  constexpr std::int64_t kPiecesPerThread = 256, kLeastWork = 20'000, kLeastGiant = 100'000;
  Schedule schedule;
  std::vector<Code> rows(job.params.end - job.params.begin);
  std::iota(rows.begin(), rows.end(), static_cast<Code>(job.params.begin));
  for (const Code a : rows) schedule.total_work += work_of(job, a);
  std::stable_sort(rows.begin(), rows.end(), [&](Code x, Code y) { return work_of(job, x) > work_of(job, y); });
  const std::int64_t threads = std::max(ctx.threads, 1);
  const std::int64_t giant = std::max(kLeastGiant, schedule.total_work / (2 * threads));
  const std::int64_t wanted = std::max(kLeastWork, schedule.total_work / (kPiecesPerThread * threads));
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

template <bool kWeighted>
class Run {
 public:
  Run(Context& ctx, const PairJob& job) : ctx_(ctx), job_(job), schedule_(make_schedule(ctx, job)) {
    for (int t = 0; t < std::max(ctx.threads, 1); ++t) workers_.push_back(std::make_unique<PairRows<kWeighted>>(job));
  }

  void run() {
    for (const Code a : schedule_.giant) {
      if (ctx_.cancelled && ctx_.cancelled()) return;
      run_giant(a);
      report(work_of(job_, a));
    }
    parallel_for(ctx_, static_cast<Offset>(schedule_.piece.size()) - 1, 1, [&](Offset p, Offset, int thread) {
      std::int64_t work = 0;
      for (Offset i = schedule_.piece[p]; i < schedule_.piece[p + 1]; ++i) {
        workers_[thread]->run(schedule_.row[i]);
        work += work_of(job_, schedule_.row[i]);
      }
      report(work);
    });
  }

 private:
  // Integers are counted, so it does not matter which thread counts which part.
  void run_giant(Code a) {
    const std::span<const std::uint32_t> units = job_.index.cells_of(a);
    const std::vector<std::size_t> parts = cut_between_customers(units, 8 * workers_.size());
    const Context uninterrupted{ctx_.device, ctx_.threads, {}, {}};
    parallel_for(uninterrupted, static_cast<Offset>(parts.size()) - 1, 1, [&](Offset p, Offset, int thread) {
      workers_[thread]->count(units.subspan(parts[p], parts[p + 1] - parts[p]));
    });
    for (std::size_t t = 1; t < workers_.size(); ++t) workers_[0]->merge(*workers_[t]);
    workers_[0]->finish(a);
  }

  std::vector<std::size_t> cut_between_customers(std::span<const std::uint32_t> units, std::size_t parts) const {
    const auto customer = [&](std::size_t i) { return job_.index.unit(units[i]).customer; };
    std::vector<std::size_t> cut{0};
    for (std::size_t p = 1; p <= parts; ++p) {
      std::size_t at = std::max(cut.back(), units.size() * p / parts);
      while (at > 0 && at < units.size() && customer(at) != kNoCode && customer(at) == customer(at - 1)) ++at;
      cut.push_back(at);
    }
    return cut;
  }

  void report(std::int64_t work) {
    const std::int64_t so_far = done_.fetch_add(work, std::memory_order_relaxed) + work;
    if (ctx_.progress) ctx_.progress(so_far, schedule_.total_work);
  }

  Context& ctx_;
  const PairJob& job_;
  const Schedule schedule_;
  std::vector<std::unique_ptr<PairRows<kWeighted>>> workers_;
  std::atomic<std::int64_t> done_{0};
};

}  // namespace

void pair_top_k(Context& ctx, const PairIndex& units, const PairParams& params, const PairLists& out) {
  const PairJob job = make_job(static_cast<const CpuPairIndex&>(units), params, out);
  if (units.weighted)
    Run<true>(ctx, job).run();
  else
    Run<false>(ctx, job).run();
}

}  // namespace nextbest::cpu
