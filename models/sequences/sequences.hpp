#pragma once

#include <cstdint>
#include <vector>

#include "kernels/core/context.hpp"
#include "kernels/core/csr.hpp"
#include "kernels/ops/sequence_top_k.hpp"
#include "models/history.hpp"

namespace nextbest {

/// How much of a history enters.
struct SequenceCut {
  int max_basket_lines = 100;   ///< of larger baskets a sample; of whole histories kMaxHistoryLines
  int max_history_lines = 300;  ///< the newest baskets that fit together enter, and at least the newest
  double half_life_days = 0;    ///< of the weight of a line; 0 = none
};

/// Owns Sequences.
struct SequenceData {
  Offset items = 0;
  std::vector<Offset> customer_offset{0};
  std::vector<Code> item;
  std::vector<std::int32_t> basket, day;
  std::vector<float> weight;

  Sequences view() const { return {items, customer_offset, item, basket, day, weight}; }
};

/// What the customers of a history bought, in the order of time. Baskets of one moment have one number; each of
/// nobody's baskets is a sequence of its own. Days are counted to as_of.
SequenceData sequences_of(const HistoryView& history, const SequenceCut& cut);

/// sequence_top_k for all items, [items, items], rows in rank order with their scores. Worked off in tiles: besides the
/// result, memory is bounded by the tile and 12 bytes per line. When ctx.cancelled says yes, the remaining rows are
/// empty. params  begin and end are not read
Csr<float> nearest_in_sequences(Context& ctx, const SequenceData& data, SequenceParams params, int k);

}  // namespace nextbest
