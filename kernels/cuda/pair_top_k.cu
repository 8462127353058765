#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/pair_kernels.cuh"
#include "kernels/cuda/pair_parts.hpp"
#include "kernels/cuda/pair_top_k.hpp"

namespace nextbest::cuda {
namespace {

std::uint32_t power_of_two(std::int64_t least) {
  std::uint32_t power = 1;
  while (power < least) power *= 2;
  return power;
}

/// One call: rows [begin, end) piece by piece.
class PairCall {
 public:
  PairCall(const Stream& stream, const ResidentPairs& index, const PairParams& params, const PairTuning& tuning)
      : stream_(stream),
        index_(index),
        pairs_(index.view()),
        tuning_(tuning),
        device_(device_limits(stream)),
        full_(index.weighted() || index.with_customers()),
        params_{params.measure,
                params.min_support,
                index.with_customers() ? params.min_customers : 0,
                params.shrinkage,
                static_cast<std::uint32_t>(std::min<Offset>(params.k, std::max<Offset>(index.items(), 1))),
                params.k,
                0} {}

  Offset rows_at_a_time() const {
    return std::max<Offset>(1, at_most_a_quarter(tuning_.list_bytes) / (kPairPlaceBytes * params_.columns));
  }
  /// Rows [begin, begin + lists of out) into `out`, the part of the caller's lists that is theirs.
  void run(Offset begin, const PairLists& out);

 private:
  using Rows = std::vector<Code>;
  std::int64_t at_most_a_quarter(std::int64_t bytes) const {
    return std::min(bytes, static_cast<std::int64_t>(free_bytes(stream_) / 4));
  }
  struct Sorted {
    Rows hashed[PairTuning::kClasses];
    Rows dense;
  };
  Sorted sort_rows(Offset begin, Offset end) const;
  PairBlockMemory block_memory(std::uint32_t slots, int threads) const;
  /// Gives `memory` a place elsewhere for what does not fit into shared memory; the buffer owns it.
  Buffer<unsigned char> place_side(PairBlockMemory& memory, Offset blocks) const;
  void run_hashed(const Rows& rows, const PairTuning::Class& size, Rows& refused, const DevicePairLists& out);
  void run_dense(const Rows& rows, const DevicePairLists& out);
  void run_dense_batch(std::span<const Code> rows, const DevicePairLists& out);

  const Stream& stream_;
  const ResidentPairs& index_;
  const DevicePairs& pairs_;
  const PairTuning& tuning_;
  DeviceLimits device_;
  bool full_;
  PairRowParams params_;
};

PairCall::Sorted PairCall::sort_rows(Offset begin, Offset end) const {
  Sorted sorted;
  for (Offset a = begin; a < end; ++a) {
    const std::int64_t work = index_.work()[a], most = std::min<std::int64_t>(work, index_.items());
    if (work > tuning_.heavy_work) {
      sorted.dense.push_back(static_cast<Code>(a));
      continue;
    }
    int c = 0;
    while (c + 1 < PairTuning::kClasses && most + most / 2 > tuning_.classes[c].slots) ++c;
    sorted.hashed[c].push_back(static_cast<Code>(a));
  }
  // Largest first, so that no block is left with a giant at the end.
  const auto larger = [&](Code x, Code y) { return index_.work()[x] > index_.work()[y]; };
  for (Rows& rows : sorted.hashed) std::stable_sort(rows.begin(), rows.end(), larger);
  std::stable_sort(sorted.dense.begin(), sorted.dense.end(), larger);
  return sorted;
}

PairBlockMemory PairCall::block_memory(std::uint32_t slots, int threads) const {
  return {slots, full_, power_of_two(std::int64_t{params_.k} + threads), pairs_.size_count, nullptr};
}

Buffer<unsigned char> PairCall::place_side(PairBlockMemory& memory, Offset blocks) const {
  if (memory.side_bytes() <= tuning_.side_bytes && memory.shared_bytes() + 1024 <= device_.shared_bytes) return {};
  Buffer<unsigned char> elsewhere(stream_, memory.side_bytes() * blocks);
  memory.elsewhere = elsewhere.data();
  return elsewhere;
}

void PairCall::run_hashed(const Rows& rows, const PairTuning::Class& size, Rows& refused, const DevicePairLists& out) {
  if (rows.empty()) return;
  PairBlockMemory memory = block_memory(size.slots, size.threads);
  while (memory.slot_bytes() + 1024 > device_.shared_bytes) memory.slots /= 2;
  const Offset blocks = std::min<Offset>(rows.size(), resident_blocks(device_, size.threads, memory.shared_bytes()));
  const Buffer<unsigned char> side = place_side(memory, blocks);
  const Buffer<Code> queue = to_device(stream_, std::span<const Code>(rows)), handed_back(stream_, rows.size());
  const Buffer<std::uint32_t> sizes = zeros<std::uint32_t>(stream_, 2);
  launch_hashed_rows(
      stream_, blocks, size.threads, pairs_, params_,
      {queue.data(), static_cast<std::uint32_t>(rows.size()), sizes.data(), handed_back.data(), sizes.data() + 1},
      memory, out);
  std::uint32_t ends[2];
  to_host(stream_, sizes.data(), std::span(ends));
  stream_.synchronize();
  refused.resize(refused.size() + ends[1]);
  to_host(stream_, handed_back.data(), std::span(refused).last(ends[1]));
  stream_.synchronize();
}

void PairCall::run_dense(const Rows& rows, const DevicePairLists& out) {
  const std::int64_t row_bytes = index_.items() * (full_ ? 16 : 4) + pairs_.size_count * 8;
  const std::size_t batch = std::clamp<std::int64_t>(at_most_a_quarter(tuning_.dense_bytes) / row_bytes, 1, 1024);
  for (std::size_t begin = 0; begin < rows.size(); begin += batch)
    run_dense_batch(std::span(rows).subspan(begin, std::min(batch, rows.size() - begin)), out);
}

void PairCall::run_dense_batch(std::span<const Code> rows, const DevicePairLists& out) {
  const auto n = static_cast<Offset>(rows.size()), counters = n * index_.items();
  const Buffer<Code> queue = to_device(stream_, rows);
  const Buffer<std::uint32_t> count = zeros<std::uint32_t>(stream_, counters);
  const Buffer<std::uint32_t> customers = zeros<std::uint32_t>(stream_, full_ ? counters : 0);
  const Buffer<unsigned long long> weight = zeros<unsigned long long>(stream_, full_ ? counters : 0);
  const Buffer<unsigned long long> bins = zeros<unsigned long long>(stream_, n * pairs_.size_count);
  const DensePairCounters dense{count.data(), weight.data(), customers.data(), bins.data(),
                                static_cast<std::uint32_t>(index_.items())};
  const Offset parts = std::max<Offset>(1, 16 * Offset{device_.multiprocessors} / n);
  launch_dense_count(stream_, parts, pairs_, queue.data(), n, dense);
  PairBlockMemory memory = block_memory(0, tuning_.dense_threads);
  const Buffer<unsigned char> side = place_side(memory, n);
  launch_dense_select(stream_, tuning_.dense_threads, pairs_, params_, queue.data(), n, dense, memory, out);
  stream_.synchronize();
}

void PairCall::run(Offset begin, const PairLists& out) {
  const Offset rows = out.item.rows, places = rows * params_.columns;
  params_.first_row = begin;
  const Buffer<Code> item(stream_, places);
  const Buffer<float> score(stream_, places);
  const Buffer<std::int64_t> count(stream_, places), weight(stream_, places), customers(stream_, places);
  const Buffer<double> expected(stream_, places);
  const DevicePairLists lists{item.data(),   score.data(),     count.data(),
                              weight.data(), customers.data(), expected.data()};
  Sorted sorted = sort_rows(begin, begin + rows);
  for (int c = PairTuning::kClasses - 1; c >= 0; --c)
    run_hashed(sorted.hashed[c], tuning_.classes[c], sorted.dense, lists);
  run_dense(sorted.dense, lists);
  to_host(stream_, item.data(), out.item);
  to_host(stream_, score.data(), out.score);
  to_host(stream_, count.data(), out.count);
  to_host(stream_, weight.data(), out.weight);
  to_host(stream_, customers.data(), out.customers);
  to_host(stream_, expected.data(), out.expected);
  stream_.synchronize();
}

}  // namespace

void pairs_of_resident(const Context& ctx, const ResidentPairs& index, const PairParams& params, const PairLists& out,
                       const PairTuning& tuning) {
  const Stream stream("pair_top_k");
  PairCall call(stream, index, params, tuning);
  const auto first = index.work().begin();
  const std::int64_t all = std::accumulate(first + params.begin, first + params.end, std::int64_t{0});
  std::int64_t done = 0;
  for (Offset begin = params.begin; begin < params.end;) {
    if (ctx.cancelled && ctx.cancelled()) return;
    const Offset end = std::min(params.end, begin + call.rows_at_a_time());
    call.run(begin, slice(out, begin - params.begin, end - params.begin));
    done = std::accumulate(first + begin, first + end, done);
    if (ctx.progress) ctx.progress(done, all);
    begin = end;
  }
}

void pair_top_k(Context& ctx, const PairIndex& units, const PairParams& params, const PairLists& out,
                const PairTuning& tuning) {
  const auto& index = static_cast<const CudaPairIndex&>(units);
  if (index.resident() != nullptr)
    pairs_of_resident(ctx, *index.resident(), params, out, tuning);
  else
    pairs_in_parts(ctx, index, params, out, tuning);
}

void pair_top_k(Context& ctx, const PairIndex& units, const PairParams& params, const PairLists& out) {
  pair_top_k(ctx, units, params, out, PairTuning{});
}

}  // namespace nextbest::cuda
