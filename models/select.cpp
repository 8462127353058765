#include "models/select.hpp"

#include <algorithm>
#include <memory>

#include "kernels/core/parallel.hpp"
#include "kernels/math/top_k_list.hpp"

namespace nextbest {
namespace {

bool contains(std::span<const Code> ascending, Code item) {
  return std::binary_search(ascending.begin(), ascending.end(), item);
}

bool is_eligible(const TopKFilter& filter, Code item) {
  return filter.eligible.empty() || (filter.eligible[item / 64] >> (item % 64) & 1);
}

// Writes the row's pins in front, each with its own score, and returns how many there are.
template <class ScoreOf>
Offset place_pins(const TopKFilter& filter, Offset row, const ScoreOf& score_of, const TopKLists& out) {
  Offset place = 0;
  for (const Code pin : filter_row(filter.pinned, row)) {
    if (place == out.item.cols) break;
    if (contains(filter_row(filter.blocked, row), pin)) continue;
    out.item(row, place) = pin;
    out.score(row, place++) = score_of(pin);
  }
  return place;
}

// What was chosen, best first, behind the pins, then nothing.
template <class Chosen>
void write_list(const Chosen& chosen, Offset row, Offset pins, const TopKLists& out) {
  Offset place = pins;
  for (const auto& candidate : chosen) {
    out.item(row, place) = candidate.item;
    out.score(row, place++) = candidate.score;
  }
  std::fill(out.item.row(row) + place, out.item.row(row) + out.item.cols, kNoCode);
  std::fill(out.score.row(row) + place, out.score.row(row) + out.score.cols, 0.0f);
}

// The list of one row from the sums of its items, chosen as select_row() does; leaves the sums empty.
void select_sums(TouchedSums& sums, TopKList& best, const RanksBeforeByLookup& before, const TopKFilter& filter,
                 Offset row, const TopKLists& out) {
  const Offset pins = place_pins(
      filter, row, [&](Code item) { return sums[item]; }, out);
  // What must not be chosen loses its sum beforehand, which is cheaper than to look for every candidate in the filter.
  for (const Code item : std::span(out.item.row(row), static_cast<std::size_t>(pins))) sums.forget(item);
  for (const Code item : filter_row(filter.owned, row)) sums.forget(item);
  for (const Code item : filter_row(filter.blocked, row)) sums.forget(item);
  best.open(static_cast<std::size_t>(out.item.cols - pins));
  sums.drain([&](Code item, float score) {
    if (score >= best.threshold() && is_eligible(filter, item)) best.offer({score, item}, before);
  });
  write_list(best.sorted(before), row, pins, out);
}

}  // namespace

std::span<const Code> filter_row(const CsrView<float>& matrix, Offset row) {
  return matrix.rows() == 0 ? std::span<const Code>{} : matrix.row(row);
}

bool passes(const TopKFilter& filter, Offset row, Code item) {
  return is_eligible(filter, item) && !contains(filter_row(filter.owned, row), item) &&
         !contains(filter_row(filter.blocked, row), item);
}

void select_row(const TopKFilter& filter, Offset row, std::vector<Ranked>& candidates, const TopKLists& out) {
  const auto own_score = [&](Code item) {
    const auto own =
        std::find_if(candidates.begin(), candidates.end(), [&](const Ranked& r) { return r.item == item; });
    return own == candidates.end() ? 0.0f : own->score;
  };
  const Offset pins = place_pins(filter, row, own_score, out);
  const std::span<const Code> pinned(out.item.row(row), static_cast<std::size_t>(pins));
  std::erase_if(candidates, [&](const Ranked& r) {
    return std::find(pinned.begin(), pinned.end(), r.item) != pinned.end() || !passes(filter, row, r.item);
  });
  const auto kept = std::min(static_cast<std::size_t>(out.item.cols - pins), candidates.size());
  std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(kept), candidates.end(),
                    RanksBefore());
  write_list(std::span(candidates).first(kept), row, pins, out);
}

void select_rows(Context& ctx, std::span<const std::int64_t> popularity, const TopKFilter& filter, const TopKLists& out,
                 const std::function<void(Offset, TouchedSums&)>& score) {
  std::vector<std::unique_ptr<TouchedSums>> sums(ctx.threads);  // each made by the thread that uses it
  parallel_for(ctx, out.item.rows, 32, [&](Offset begin, Offset end, int thread) {
    if (!sums[thread]) sums[thread] = std::make_unique<TouchedSums>(static_cast<Offset>(popularity.size()));
    TopKList best;
    for (Offset row = begin; row < end; ++row) {
      score(row, *sums[thread]);
      select_sums(*sums[thread], best, {popularity}, filter, row, out);
    }
  });
}

}  // namespace nextbest
