#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/math/rank_order.hpp"
#include "kernels/ops/score_top_k.hpp"

namespace nextbest {

/// The weight of a source before any is fitted.
double prior_weight(std::string_view source);

/// Makes the scores of one list comparable with those of other sources, in place: n_r = max(0, score_r / score_1), or 1
/// for a list whose best score is not positive. So a source that sees one item far ahead of the rest can say so, and
/// sources with scores of any scale have an equal say. (Ranks, roots, squares, the distance to the last score and mixes
/// of them were tried on three retailers' validation windows; none was better on all.)
/// length  entries in front of the first kNoCode
void normalise(std::span<float> score, Offset length);

/// The candidates of some customers from several sources, merged: those of row r lie in [offset[r], offset[r + 1]),
/// items ascending.
struct CandidatePool {
  std::size_t sources = 0;
  std::vector<Offset> offset{0};
  std::vector<Code> item;
  std::vector<float> score;  ///< [candidates, sources] normalised; 0 where the source does not offer the item
  std::vector<float> raw;    ///< [candidates, sources] as the source scored it
  std::vector<float> place;  ///< [candidates, sources] in the source's list, from 1; 0 where it does not offer the item

  Offset rows() const { return static_cast<Offset>(offset.size()) - 1; }
  std::span<const float> scores(Offset candidate) const {
    return {score.data() + candidate * static_cast<Offset>(sources), sources};
  }
};

/// Merges one list per source and row. lists  one per source, equal rows; scores are normalised here, in place.
CandidatePool merge_lists(Context& ctx, std::span<const TopKLists> lists);

/// sum over sources of weight * normalised score, in float, sources ascending.
float blend_score(std::span<const float> scores, std::span<const float> weights);

/// The source with the largest share of the blend; with equal shares the one that scores the item higher.
std::size_t leading_source(std::span<const float> scores, std::span<const float> weights);

struct ScoredCandidate {
  Offset at;  ///< in the pool
  float score;
};

/// The list of one row of the pool: pins, then the best of the scored candidates; see select_row().
/// weights  tell which source leads at an item
/// source  [k] the leading source of every place; 0 at closed places, the last source at a pin that no source offers
void blend_row(const CandidatePool& pool, Offset row, std::span<const float> weights,
               std::span<const ScoredCandidate> scored, std::span<const std::int64_t> popularity,
               const TopKFilter& filter, const TopKLists& out, std::span<std::uint8_t> source);

}  // namespace nextbest
