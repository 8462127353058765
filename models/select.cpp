#include "models/select.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "kernels/core/parallel.hpp"

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

// The best candidates in order behind the pins, then nothing.
void write_best(std::vector<Ranked>& candidates, Offset row, Offset pins, const TopKLists& out) {
  const Offset k = out.item.cols;
  const auto kept = candidates.begin() + std::min<Offset>(k - pins, static_cast<Offset>(candidates.size()));
  std::partial_sort(candidates.begin(), kept, candidates.end(), RanksBefore());
  Offset place = pins;
  for (auto it = candidates.begin(); it != kept; ++it) {
    out.item(row, place) = it->item;
    out.score(row, place++) = it->score;
  }
  std::fill(out.item.row(row) + place, out.item.row(row) + k, kNoCode);
  std::fill(out.score.row(row) + place, out.score.row(row) + k, 0.0f);
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
  write_best(candidates, row, pins, out);
}

void ScoreSums::select(std::span<const std::int64_t> popularity, const TopKFilter& filter, Offset row,
                       const TopKLists& out) {
  const auto own_score = [&](Code item) { return sum_[item] == kUntouched ? 0.0f : sum_[item]; };
  const Offset pins = place_pins(filter, row, own_score, out);
  // What must not be chosen loses its sum beforehand, which is cheaper than to look for every candidate in the filter.
  for (const Code item : std::span(out.item.row(row), static_cast<std::size_t>(pins))) sum_[item] = kUntouched;
  for (const Code item : filter_row(filter.owned, row)) sum_[item] = kUntouched;
  for (const Code item : filter_row(filter.blocked, row)) sum_[item] = kUntouched;

  const Offset wanted = out.item.cols - pins;
  const auto most = static_cast<std::size_t>(2 * wanted + 64);
  best_.clear();
  float least = wanted > 0 ? std::numeric_limits<float>::lowest() : std::numeric_limits<float>::infinity();
  for (Offset n = 0; n < touched_items_; ++n) {
    const Code item = touched_[n];
    const float score = std::exchange(sum_[item], kUntouched);
    if (!(score >= least) || !is_eligible(filter, item)) continue;
    best_.push_back({score, popularity[item], item});
    if (best_.size() < most) continue;
    std::nth_element(best_.begin(), best_.begin() + (wanted - 1), best_.end(), RanksBefore());
    best_.resize(static_cast<std::size_t>(wanted));
    least = best_.back().score;
  }
  touched_items_ = 0;
  write_best(best_, row, pins, out);
}

void select_rows(Context& ctx, std::span<const std::int64_t> popularity, const TopKFilter& filter, const TopKLists& out,
                 const std::function<void(Offset, ScoreSums&)>& score) {
  std::vector<std::unique_ptr<ScoreSums>> sums(ctx.threads);  // each made by the thread that uses it
  parallel_for(ctx, out.item.rows, 32, [&](Offset begin, Offset end, int thread) {
    if (!sums[thread]) sums[thread] = std::make_unique<ScoreSums>(static_cast<Offset>(popularity.size()));
    for (Offset row = begin; row < end; ++row) {
      score(row, *sums[thread]);
      sums[thread]->select(popularity, filter, row, out);
    }
  });
}

}  // namespace nextbest
