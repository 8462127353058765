#include "models/select.hpp"

#include <algorithm>
#include <memory>

#include "kernels/core/parallel.hpp"

namespace nextbest {
namespace {

bool contains(std::span<const Code> ascending, Code item) {
  return std::binary_search(ascending.begin(), ascending.end(), item);
}

// Writes the row's pins in front and takes them out of the candidates; returns how many there are.
Offset place_pins(const TopKFilter& filter, Offset row, std::vector<Ranked>& candidates, const TopKLists& out) {
  Offset place = 0;
  for (const Code pin : filter_row(filter.pinned, row)) {
    if (place == out.item.cols) break;
    if (contains(filter_row(filter.blocked, row), pin)) continue;
    const auto own = std::find_if(candidates.begin(), candidates.end(), [&](const Ranked& r) { return r.item == pin; });
    out.item(row, place) = pin;
    out.score(row, place++) = own == candidates.end() ? 0.0f : own->score;
    if (own != candidates.end()) candidates.erase(own);
  }
  return place;
}

}  // namespace

std::span<const Code> filter_row(const CsrView<float>& matrix, Offset row) {
  return matrix.rows() == 0 ? std::span<const Code>{} : matrix.row(row);
}

bool passes(const TopKFilter& filter, Offset row, Code item) {
  if (!filter.eligible.empty() && !(filter.eligible[item / 64] >> (item % 64) & 1)) return false;
  return !contains(filter_row(filter.owned, row), item) && !contains(filter_row(filter.blocked, row), item);
}

void select_row(const TopKFilter& filter, Offset row, std::vector<Ranked>& candidates, const TopKLists& out) {
  Offset place = place_pins(filter, row, candidates, out);
  std::erase_if(candidates, [&](const Ranked& r) { return !passes(filter, row, r.item); });
  const Offset k = out.item.cols;
  const auto kept = candidates.begin() + std::min<Offset>(k - place, static_cast<Offset>(candidates.size()));
  std::partial_sort(candidates.begin(), kept, candidates.end(), RanksBefore());
  for (auto it = candidates.begin(); it != kept; ++it) {
    out.item(row, place) = it->item;
    out.score(row, place++) = it->score;
  }
  std::fill(out.item.row(row) + place, out.item.row(row) + k, kNoCode);
  std::fill(out.score.row(row) + place, out.score.row(row) + k, 0.0f);
}

void ScoreSums::drain(std::span<const std::int64_t> popularity, std::vector<Ranked>& out) {
  out.clear();
  for (const Code item : touched_) {
    out.push_back({sum_[item], popularity[item], item});
    sum_[item] = kUntouched;
  }
  touched_.clear();
}

void select_rows(Context& ctx, std::span<const std::int64_t> popularity, const TopKFilter& filter, const TopKLists& out,
                 const std::function<void(Offset, ScoreSums&)>& score) {
  std::vector<std::unique_ptr<ScoreSums>> sums(ctx.threads);  // each made by the thread that uses it
  parallel_for(ctx, out.item.rows, 32, [&](Offset begin, Offset end, int thread) {
    if (!sums[thread]) sums[thread] = std::make_unique<ScoreSums>(static_cast<Offset>(popularity.size()));
    std::vector<Ranked> candidates;
    for (Offset row = begin; row < end; ++row) {
      score(row, *sums[thread]);
      sums[thread]->drain(popularity, candidates);
      select_row(filter, row, candidates, out);
    }
  });
}

}  // namespace nextbest
