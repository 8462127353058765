#include "kernels/cpu/pair_index.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "kernels/core/error.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/math/fixed_point.hpp"

namespace nextbest::cpu {
namespace {

/// What one part of the units contributes.
struct Part {
  Offset begin = 0, end = 0;  // units
  Offset cells = 0;
  Offset largest = 0;
  std::vector<Offset> place;       // [items] lines with each item on the left, then where the next one goes
  std::vector<std::int64_t> work;  // [items]
};

}  // namespace

// Each part of the units counts its lines per item; the counts become starting places, item by item and part by part;
// then each part writes. So the units of a row stand in ascending order, whatever the parts.
CpuPairIndex::CpuPairIndex(Context& ctx, const PairUnits& units)
    : PairIndex(Device::kCpu, units, pair_totals(ctx, units)) {
  order_items();
  const Context uninterrupted{ctx.device, ctx.threads, {}, {}};
  const Offset rows = units.baskets.rows(), lines = units.baskets.nnz();
  std::vector<Part> parts(std::clamp<Offset>(lines / std::max<Offset>(items, 1), 1, std::max(ctx.threads, 1)));
  const Offset count = static_cast<Offset>(parts.size());
  parallel_for(uninterrupted, count, 1, [&](Offset p, Offset, int) {
    Part& part = parts[p];
    part.begin = rows * p / count;
    part.end = rows * (p + 1) / count;
    part.place.assign(items, 0);
    part.work.assign(items, 0);
    for (Offset u = part.begin; u < part.end; ++u) {
      const Offset size = units.right().row_size(u);
      part.cells += cells_for(size);
      part.largest = std::max(part.largest, size);
      for (const Code a : units.baskets.row(u)) {
        ++part.place[a];
        part.work[a] += size;
      }
    }
  });
  row_.assign(items + 1, 0);
  row_work.assign(items, 0);
  Offset sum = 0, cells = 0;
  for (Offset a = 0; a < items; ++a) {
    for (Part& part : parts) {
      sum += std::exchange(part.place[a], sum);
      row_work[a] += part.work[a];
    }
    row_[a + 1] = sum;
  }
  std::vector<Offset> first_cell;
  for (const Part& part : parts) {
    first_cell.push_back(cells);
    cells += part.cells;
    largest_unit = std::max(largest_unit, part.largest);
  }
  constexpr Offset kMostCells = Offset{1} << 32;
  if (cells > kMostCells) throw DoesNotFit("index_pairs: the units", cells * 16, kMostCells * 16);
  words_.resize(cells * kCellWords);
  cells_.resize(lines);
  parallel_for(uninterrupted, count, 1, [&](Offset p, Offset, int) {
    write_units(units, parts[p].begin, parts[p].end, static_cast<std::uint32_t>(first_cell[p]), parts[p].place.data());
  });
}

void CpuPairIndex::order_items() {
  const std::span<const std::int64_t> count = totals.right_count(), weight = totals.right_weight();
  code.resize(items);
  std::iota(code.begin(), code.end(), 0);
  std::sort(code.begin(), code.end(),
            [&](Code x, Code y) { return count[x] != count[y] ? count[x] > count[y] : x < y; });
  rank.resize(items);
  right_number.resize(items);
  for (Offset r = 0; r < items; ++r) {
    rank[code[r]] = static_cast<std::uint32_t>(r);
    right_number[r] = weighted ? from_fixed(weight[code[r]]) : static_cast<double>(count[code[r]]);
  }
}

void CpuPairIndex::write_units(const PairUnits& units, Offset begin, Offset end, std::uint32_t cell, Offset* place) {
  for (Offset u = begin; u < end; ++u) {
    const std::span<const Code> right = units.right().row(u);
    std::uint32_t* at = words_.data() + Offset{cell} * kCellWords;
    at[0] = static_cast<std::uint32_t>(right.size());
    at[1] = static_cast<std::uint32_t>(units.customers.empty() ? kNoCode : units.customers[u]);
    if (weighted) std::memcpy(at + 2, &units.weights[u], sizeof(std::int64_t));
    at += header_words();
    for (const Code b : right) *at++ = rank[b];
    for (const Code a : units.baskets.row(u)) cells_[place[a]++] = cell;
    cell += static_cast<std::uint32_t>(cells_for(static_cast<Offset>(right.size())));
  }
}

std::unique_ptr<const PairIndex> index_pairs(Context& ctx, const PairUnits& units) {
  return std::make_unique<CpuPairIndex>(ctx, units);
}

}  // namespace nextbest::cpu
