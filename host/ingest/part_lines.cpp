#include "host/ingest/part_lines.hpp"

#include <algorithm>
#include <mutex>

#include "host/job/reporter.hpp"
#include "kernels/core/huge_pages.hpp"
#include "kernels/core/parallel.hpp"

namespace nextbest {
namespace {

constexpr std::int64_t kWantedLines = 1 << 15, kMostPartitions = 1024;
constexpr Offset kMostGroups = 128;  // of partitions that are worked on at about the same time

/// Where the lines of a customer go.
struct Destination {
  Code rank;
  std::int32_t partition;
};

class Parting {
 public:
  Parting(RawLines& raw, const Context& ctx) : raw_(raw), ctx_(ctx) {
    std::int64_t lines = raw.anonymous_lines;
    for (const std::int64_t count : raw.lines_of_customer) lines += count;
    wanted_ = std::max(kWantedLines, lines / kMostPartitions + 1);
    cut_customers();
    cut_anonymous();
    neighbours_ = 1 + static_cast<Offset>(partitions_.size()) / kMostGroups;
  }

  std::vector<Partition> run() {
    parallel_for(ctx_, static_cast<std::int64_t>(raw_.chunks.size()), 256,
                 [&](std::int64_t begin, std::int64_t end, int thread) {
                   throw_if_interrupted();
                   std::vector<Open>& open = open_[thread];
                   open.resize(partitions_.size());
                   for (std::int64_t chunk = begin; chunk < end; ++chunk) hand_out(raw_.chunks[chunk], open);
                 });
    raw_.chunks.clear();
    for (std::vector<Open>& of_thread : open_) {
      for (std::size_t p = 0; p < of_thread.size(); ++p) close(of_thread[p], p);
    }
    return std::move(partitions_);
  }

 private:
  /// A chunk that is being filled.
  struct Open {
    Line* lines = nullptr;
    std::int64_t count = 0;
  };

  void cut_customers() {
    destinations_.resize(raw_.lines_of_customer.size());
    for (std::size_t rank = 0; rank < destinations_.size(); ++rank) {
      const Offset code = raw_.customer_order.ascending[rank];
      if (rank == 0 || partitions_.back().lines >= wanted_)
        partitions_.push_back({false, static_cast<Offset>(rank), 0, 0, {}});
      partitions_.back().lines += raw_.lines_of_customer[code];
      partitions_.back().last = static_cast<Offset>(rank) + 1;
      destinations_[code] = {static_cast<Code>(rank), static_cast<std::int32_t>(partitions_.size()) - 1};
    }
    raw_.lines_of_customer = {};
  }

  void cut_anonymous() {
    if (raw_.anonymous_lines == 0) return;
    first_anonymous_ = static_cast<Offset>(partitions_.size());
    const Offset orders = raw_.orders.size();
    const Offset count = std::min(orders, (raw_.anonymous_lines + wanted_ - 1) / wanted_);
    orders_each_ = (orders + count - 1) / count;
    for (Offset first = 0; first < orders; first += orders_each_)
      partitions_.push_back({true, first, std::min(orders, first + orders_each_), 0, {}});
  }

  void hand_out(const LineChunk& chunk, std::vector<Open>& open) {
    Line* lines = raw_.store->take(chunk);
    for (std::int64_t i = 0; i < chunk.lines; ++i) {
      const Line& line = lines[i];
      if (!is_parted(raw_, line)) continue;
      const Offset order = raw_.has.orders ? raw_.order_order.rank[line.order] : line.order;
      Code customer = kNoCode;
      Offset partition = first_anonymous_;
      if (line.customer == kNoCode) {
        partition += order / orders_each_;
      } else {
        const Destination to = destinations_[line.customer];
        customer = to.rank;
        partition = to.partition;
      }
      Open& here = open[partition];
      if (here.lines == nullptr) here.lines = raw_.store->open(1 + static_cast<std::size_t>(partition / neighbours_));
      Line& there = here.lines[here.count++];
      there = line;  // then changed there: a copy of what was just written would have to wait for it
      there.customer = customer;
      there.item = static_cast<Code>(raw_.item_order.rank[line.item]);
      there.order = order;
      if (here.count == LineStore::kChunkLines) close(here, static_cast<std::size_t>(partition));
    }
    raw_.store->release(lines);
  }

  void close(Open& open, std::size_t partition) {
    if (open.lines == nullptr) return;
    const LineChunk chunk = raw_.store->put(open.lines, open.count);
    open = {};
    const std::lock_guard lock(mutex_);
    partitions_[partition].chunks.push_back(chunk);
  }

  RawLines& raw_;
  Context ctx_;
  std::int64_t wanted_ = kWantedLines;
  Offset first_anonymous_ = 0, orders_each_ = 1, neighbours_ = 1;
  HugePageVector<Destination> destinations_;  ///< [customers] by provisional code
  std::vector<Partition> partitions_;
  std::vector<std::vector<Open>> open_{static_cast<std::size_t>(std::max(1, ctx_.threads))};
  std::mutex mutex_;
};

}  // namespace

std::vector<Partition> part_lines(RawLines& raw, const Context& ctx) {
  std::vector<Partition> partitions = Parting(raw, ctx).run();
  for (Partition& partition : partitions) {
    partition.lines = 0;
    for (const LineChunk& chunk : partition.chunks) partition.lines += chunk.lines;
  }
  return partitions;
}

}  // namespace nextbest
