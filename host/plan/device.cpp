#include "host/plan/device.hpp"

#include <algorithm>
#include <limits>

#include "host/job/memory_size.hpp"
#include "host/plan/memory.hpp"
#include "kernels/core/devices.hpp"
#include "kernels/ops/device_bytes.hpp"
#include "models/ease/ease.hpp"
#include "models/list_blocks.hpp"
#include "models/ridge/params.hpp"

namespace nextbest {
namespace {

/// The largest of several calls that follow one another, with so many bytes held all the while.
class Calls {
 public:
  Calls(std::int64_t held, std::int64_t budget) : held_(held), budget_(budget) {}

  void add(const DevicePeak& peak) { most_ = larger(most_, {held_ + peak.bytes, peak.pieces}); }
  void add(const DeviceNeed& need) { add(device_peak(need, budget_ - held_)); }
  std::int64_t budget() const { return budget_ - held_; }
  DeviceUse most() const { return most_; }

 private:
  std::int64_t held_, budget_;
  DeviceUse most_;
};

PairDeviceSize units_of(const LogSize& size, bool weighted, bool with_customers) {
  return {size.baskets, size.lines, size.items, weighted, with_customers};
}

/// Lists of items next to one another in the histories.
void add_sequences(const LogSize& size, Calls& calls) {
  constexpr std::int64_t kTilePlaces = 1 << 20, kPlaces = 100;
  const std::int64_t k = std::clamp<std::int64_t>(size.items - 1, 1, kPlaces);
  const std::int64_t rows = std::clamp<std::int64_t>(kTilePlaces / k, 1, std::max<std::int64_t>(size.items, 1));
  calls.add(transpose_device_need(size.lines, size.items, size.lines, false));
  calls.add(
      sequence_top_k_device_need({size.customers, size.lines, size.items, size.times, false}, rows, k, calls.budget()));
}

void add_ials(const LogSize& size, const Job& job, Calls& calls) {
  const std::int64_t dim = job.embeddings.factors;
  const bool values = job.embeddings.confidence == Confidence::kLog;
  const RatingSize customers{size.customers, size.items, size.purchases, values},
      items{size.items, size.customers, size.purchases, values};
  calls.add(transpose_device_need(size.customers, size.items, size.purchases, values));
  calls.add(transpose_device_need(size.items, size.customers, size.purchases, values));
  for (const RatingSize& side : {customers, items}) {
    calls.add(gramian_device_need(side.rows, dim));
    calls.add(rotate_device_need(side.rows, dim));
    calls.add(solve_rows_device_need(side, dim));
  }
  calls.add(embedding_loss_device_need(customers, dim));
  calls.add(DevicePeak{index_items_device_bytes(size.items, dim), 1});
}

/// Of each of so many customers some baskets, and what was bought before them.
void add_ridge(const LogSize& size, const RidgeParams& params, Calls& calls) {
  const std::int64_t customers = std::min<std::int64_t>(size.customers, params.customers);
  const std::int64_t rows = customers * params.targets, items = std::min<std::int64_t>(size.items, params.items);
  const auto of_customers = [&](std::int64_t n) { return size.customers > 0 ? n / size.customers * rows : 0; };
  const std::int64_t past = std::min(of_customers(size.purchases), rows * params.max_history_items);
  const std::int64_t next = size.baskets > 0 ? rows * (size.lines / size.baskets) : 0;
  calls.add(regression_device_peak({rows, items, past, true}, next, params.kept, calls.budget()));
}

}  // namespace

DeviceUse larger(const DeviceUse& x, const DeviceUse& y) {
  return {std::max(x.bytes, y.bytes), std::max(x.pieces, y.pieces)};
}

std::int64_t device_budget(const Job& job) {
  const std::vector<cuda::Gpu> gpus = cuda::devices();
  if (job.device == DeviceChoice::kCpu || (job.device == DeviceChoice::kAuto && gpus.empty())) return 0;
  constexpr std::int64_t kUnknown = std::numeric_limits<std::int64_t>::max() / 4;
  return parse_memory_size(job.max_device_memory, gpus.empty() ? kUnknown : gpus.front().memory_bytes,
                           "device.max_device_memory");
}

DeviceUse pairs_device_use(const LogSize& size, const Job& job, std::int64_t tile_bytes, std::int64_t budget) {
  const PairDeviceSize units = units_of(size, true, size.customers > 0);
  const std::int64_t row = pair_row_bytes(size, job);
  Calls calls(0, budget);
  calls.add(index_pairs_device_peak(units));
  calls.add(pair_top_k_device_peak(units,
                                   std::clamp<std::int64_t>(tile_bytes / row, 1, std::max<std::int64_t>(1, size.items)),
                                   row / kPairPlaceBytes, budget));
  return calls.most();
}

DeviceUse train_device_use(const LogSize& size, const Job& job, std::int64_t budget) {
  const bool ials = asks_for(job, "ials");
  Calls before(0, budget), with_items(ials ? item_index_device_bytes(size.items, job.embeddings.factors) : 0, budget);
  if (asks_for(job, "together") || asks_for(job, "after")) add_sequences(size, before);
  if (ials) add_ials(size, job, before);
  if (asks_for(job, "item_item")) add_sequences(size, with_items);
  if (asks_for(job, "ease")) {
    const EaseParams& ease = job.recommend.params.ease;
    const PairDeviceSize units = units_of(size, true, false);
    const std::int64_t near = std::min<std::int64_t>(size.items, kGramianLists * ease.predictors);
    if (size.items > ease.dense_items) {
      with_items.add(index_pairs_device_peak(units));
      with_items.add(pair_top_k_device_peak(units, std::max<std::int64_t>(1, (1 << 20) / near), near, budget));
    } else {
      with_items.add(regression_device_peak({size.baskets, size.items, size.lines, false}, 0, ease.kept, budget));
    }
    with_items.add(transpose_device_need(size.items, size.items,
                                         size.items * std::min<std::int64_t>(size.items, ease.kept), true));
  }
  if (asks_for(job, "ridge")) add_ridge(size, job.recommend.params.ridge, with_items);
  return larger(before.most(), with_items.most());
}

DeviceUse recommend_device_use(const LogSize& size, const Job& job, std::int64_t budget) {
  if (!asks_for(job, "ials")) return {};
  const std::int64_t dim = job.embeddings.factors,
                     block = std::min<std::int64_t>(size.customers, list_block(Device::kCuda));
  const std::int64_t entries = size.customers > 0 ? size.purchases / size.customers * block : 0;
  Calls calls(0, budget), with_items(item_index_device_bytes(size.items, dim), budget);
  calls.add(DevicePeak{index_items_device_bytes(size.items, dim), 1});
  calls.add(score_top_k_device_need({block, size.items, entries, false}, dim, candidates_for(job.recommend.list_size)));
  with_items.add(solve_rows_device_need({block, size.items, entries, true}, dim));
  return larger(calls.most(), with_items.most());
}

}  // namespace nextbest
