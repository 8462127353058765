#include "models/blend/blend.hpp"

#include <algorithm>

#include "kernels/core/parallel.hpp"
#include "models/select.hpp"

namespace nextbest {
namespace {

struct Entry {
  Code item;
  std::size_t source;
  float score, raw, place;
};

Offset length_of(std::span<const Code> item) {
  return std::find(item.begin(), item.end(), kNoCode) - item.begin();
}

void collect(std::span<const TopKLists> lists, Offset row, std::vector<Entry>& entries) {
  entries.clear();
  for (std::size_t s = 0; s < lists.size(); ++s) {
    const auto k = static_cast<std::size_t>(lists[s].item.cols);
    const std::span<const Code> item(lists[s].item.row(row), k);
    const std::span<float> score(lists[s].score.row(row), k);
    const Offset length = length_of(item);
    const auto begin = static_cast<std::ptrdiff_t>(entries.size());
    for (Offset at = 0; at < length; ++at) entries.push_back({item[at], s, 0, score[at], static_cast<float>(at + 1)});
    normalise(score, length);
    for (Offset at = 0; at < length; ++at) entries[begin + at].score = score[at];
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& x, const Entry& y) { return x.item != y.item ? x.item < y.item : x.source < y.source; });
}

Offset distinct_items(const std::vector<Entry>& entries) {
  Offset n = 0;
  for (std::size_t e = 0; e < entries.size(); ++e) n += e == 0 || entries[e].item != entries[e - 1].item;
  return n;
}

void write_row(const std::vector<Entry>& entries, Offset at, CandidatePool& pool) {
  --at;
  for (std::size_t e = 0; e < entries.size(); ++e) {
    if (e == 0 || entries[e].item != entries[e - 1].item) pool.item[++at] = entries[e].item;
    const Offset place = at * static_cast<Offset>(pool.sources) + static_cast<Offset>(entries[e].source);
    pool.score[place] = entries[e].score;
    pool.raw[place] = entries[e].raw;
    pool.place[place] = entries[e].place;
  }
}

}  // namespace

double prior_weight(std::string_view source) {
  if (source == "habit") return 1.0;
  if (source == "popularity") return 0.05;
  return 0.15;
}

void normalise(std::span<float> score, Offset length) {
  if (length == 0) return;
  const float best = score[0];
  for (float& value : score.first(length)) value = best > 0 ? std::max(0.0f, value / best) : 1.0f;
}

CandidatePool merge_lists(Context& ctx, std::span<const TopKLists> lists) {
  const Offset rows = lists.empty() ? 0 : lists.front().item.rows;
  CandidatePool pool;
  pool.sources = lists.size();
  pool.offset.assign(rows + 1, 0);
  std::vector<std::vector<Entry>> entries(rows);
  parallel_for(ctx, rows, 64, [&](Offset begin, Offset end, int) {
    for (Offset row = begin; row < end; ++row) {
      collect(lists, row, entries[row]);
      pool.offset[row + 1] = distinct_items(entries[row]);
    }
  });
  for (Offset row = 0; row < rows; ++row) pool.offset[row + 1] += pool.offset[row];
  pool.item.resize(pool.offset[rows]);
  for (std::vector<float>* column : {&pool.score, &pool.raw, &pool.place})
    column->assign(pool.offset[rows] * static_cast<Offset>(pool.sources), 0.0f);
  parallel_for(ctx, rows, 64, [&](Offset begin, Offset end, int) {
    for (Offset row = begin; row < end; ++row) write_row(entries[row], pool.offset[row], pool);
  });
  return pool;
}

float blend_score(std::span<const float> scores, std::span<const float> weights) {
  float sum = 0;
  for (std::size_t s = 0; s < scores.size(); ++s) sum += weights[s] * scores[s];
  return sum;
}

std::size_t leading_source(std::span<const float> scores, std::span<const float> weights) {
  std::size_t best = 0;
  for (std::size_t s = 1; s < scores.size(); ++s) {
    const float share = weights[s] * scores[s], lead = weights[best] * scores[best];
    if (share > lead || (share == lead && scores[s] > scores[best])) best = s;
  }
  return best;
}

void blend_row(const CandidatePool& pool, Offset row, std::span<const float> weights,
               std::span<const ScoredCandidate> scored, std::span<const std::int64_t> popularity,
               const TopKFilter& filter, const TopKLists& out, std::span<std::uint8_t> source) {
  const Offset first = pool.offset[row], last = pool.offset[row + 1];
  const std::span<const Code> items(pool.item.data() + first, static_cast<std::size_t>(last - first));
  std::vector<Ranked> candidates;
  candidates.reserve(scored.size());
  for (const auto& [at, score] : scored) candidates.push_back({score, popularity[pool.item[at]], pool.item[at]});
  select_row(filter, row, candidates, out);
  for (std::size_t place = 0; place < source.size() && out.item(row, place) != kNoCode; ++place) {
    const auto found = std::lower_bound(items.begin(), items.end(), out.item(row, place));
    const bool offered = found != items.end() && *found == out.item(row, place);
    source[place] = static_cast<std::uint8_t>(
        offered ? leading_source(pool.scores(first + (found - items.begin())), weights) : pool.sources - 1);
  }
}

}  // namespace nextbest
