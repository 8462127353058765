#include "kernels/cpu/pair_index.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "kernels/core/error.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/math/association.hpp"
#include "kernels/math/fixed_point.hpp"

namespace nextbest::cpu {
namespace {

/// The first unit at or after u that is not of the same customer as the one before it.
Offset between_customers(const PairUnits& units, Offset u) {
  const auto& customers = units.customers;
  while (!customers.empty() && u > 0 && u < units.baskets.rows() && customers[u] != kNoCode &&
         customers[u] == customers[u - 1])
    ++u;
  return u;
}

}  // namespace

// Each part of the units counts its lines per item; the counts become starting places, item by item and part by part;
// then each part writes. So the units of a row stand in ascending order, whatever the parts. Rows stand by rank, so
// that those which are counted and written most lie side by side.
CpuPairIndex::CpuPairIndex(Context& ctx, const PairUnits& units)
    : PairIndex(Device::kCpu, units, pair_totals(ctx, units)) {
  order_items();
  const Context uninterrupted{ctx.device, ctx.threads, {}, {}};
  const Offset rows = units.baskets.rows(), lines = units.baskets.nnz();
  std::vector<Part> parts(std::clamp<Offset>(lines / std::max<Offset>(items, 1), 1, std::max(ctx.threads, 1)));
  const Offset count = static_cast<Offset>(parts.size());
  parallel_for(uninterrupted, count, 1, [&](Offset p, Offset, int) {
    parts[p].begin = between_customers(units, rows * p / count);
    parts[p].end = between_customers(units, rows * (p + 1) / count);
    count_units(units, parts[p]);
  });
  give_places(parts);
  std::vector<Offset> first_cell;
  Offset cells = 0;
  for (const Part& part : parts) {
    first_cell.push_back(cells);
    cells += part.cells;
    largest_unit = std::max(largest_unit, part.largest);
  }
  constexpr Offset kMostCells = RowUnit::kSameCustomer;
  if (cells > kMostCells) throw DoesNotFit("index_pairs: the units", cells * 16, kMostCells * 16);
  words_.resize(cells * kCellWords + kRecordPadding);
  row_units_.resize(lines);
  parallel_for(uninterrupted, count, 1,
               [&](Offset p, Offset, int) { write_units(units, static_cast<std::uint32_t>(first_cell[p]), parts[p]); });
}

void CpuPairIndex::count_units(const PairUnits& units, Part& part) const {
  part.counted.resize(items);
  for (Offset u = part.begin; u < part.end; ++u) {
    const Offset size = units.right().row_size(u);
    part.cells += cells_for(size);
    part.largest = std::max(part.largest, size);
    for (const Code a : units.baskets.row(u)) {
      ++part.counted[a].units;
      part.counted[a].work += size;
    }
  }
}

void CpuPairIndex::give_places(std::vector<Part>& parts) {
  for (Part& part : parts) part.place.resize(items);
  row_.assign(items + 1, 0);
  row_work.assign(items, 0);
  Offset next = 0;
  for (Offset r = 0; r < items; ++r) {
    const Code a = code[r];
    for (Part& part : parts) {
      part.place[a] = {next, static_cast<std::uint32_t>(r), kNoCode};
      next += part.counted[a].units;
      row_work[a] += part.counted[a].work;
    }
    row_[r + 1] = next;
  }
  for (Part& part : parts) part.counted = {};
}

void CpuPairIndex::order_items() {
  const std::span<const std::int64_t> count = totals.right_count(), weight = totals.right_weight();
  code.resize(items);
  std::iota(code.begin(), code.end(), 0);
  std::sort(code.begin(), code.end(),
            [&](Code x, Code y) { return count[x] != count[y] ? count[x] > count[y] : x < y; });
  rank.resize(items);
  right_item.resize(items);
  const double units = weighted ? from_fixed(totals.units_weight) : static_cast<double>(totals.units);
  for (Offset r = 0; r < items; ++r) {
    rank[code[r]] = static_cast<std::uint32_t>(r);
    const double number = weighted ? from_fixed(weight[code[r]]) : static_cast<double>(count[code[r]]);
    right_item[r] = {number, llr_margin(number, units)};
  }
  const std::int64_t lines = std::accumulate(count.begin(), count.end(), std::int64_t{0});
  std::int64_t before = 0;
  std::size_t step = 0;
  for (Offset r = 0; r < items; before += count[code[r++]])
    for (; step < rank_at_.size() && before * 256 >= lines * static_cast<std::int64_t>(step); ++step)
      rank_at_[step] = static_cast<std::uint32_t>(r);
  std::fill(rank_at_.begin() + step, rank_at_.end(), static_cast<std::uint32_t>(items));
}

void CpuPairIndex::write_units(const PairUnits& units, std::uint32_t cell, Part& part) {
  constexpr Offset kAhead = 4;  // units whose places in the rows are on their way from memory
  Place* const place = part.place.data();
  const bool cross = units.cross();
  for (Offset u = part.begin; u < part.end; ++u) {
    if (u + kAhead < part.end)
      for (const Code a : units.baskets.row(u + kAhead)) __builtin_prefetch(row_units_.data() + place[a].next, 1);
    const std::span<const Code> right = units.right().row(u);
    std::uint32_t* at = words_.data() + Offset{cell} * kCellWords;
    const Code customer = units.customers.empty() ? kNoCode : units.customers[u];
    at[0] = static_cast<std::uint32_t>(right.size()) | (customer == kNoCode ? kNobodys : 0);
    if (weighted) std::memcpy(at + 1, &units.weights[u], sizeof(std::int64_t));
    at += header_words();
    if (cross)
      for (const Code b : right) *at++ = place[b].rank;
    for (const Code a : units.baskets.row(u)) {
      Place& of = place[a];
      if (!cross) *at++ = of.rank;
      const bool same = customer != kNoCode && customer == of.last_customer;
      row_units_[of.next++] = {cell | (same ? RowUnit::kSameCustomer : 0)};
      of.last_customer = customer;
    }
    cell += static_cast<std::uint32_t>(cells_for(static_cast<Offset>(right.size())));
  }
}

std::unique_ptr<const PairIndex> index_pairs(Context& ctx, const PairUnits& units) {
  return std::make_unique<CpuPairIndex>(ctx, units);
}

}  // namespace nextbest::cpu
