#include "models/together/together.hpp"

#include "models/sequences/sequences.hpp"

namespace nextbest {

std::unique_ptr<Source> fit_together(Context& ctx, const HistoryView& history, std::vector<std::int64_t> popularity,
                                     const TogetherParams& params) {
  SequenceParams pairs;
  pairs.basket_decay = params.gap_decay;
  pairs.half_life_days = params.gap_half_life_days;
  pairs.sharpness = params.sharpness;
  pairs.anchor_exponent = params.anchor_exponent;
  pairs.target_exponent = params.target_exponent;
  pairs.min_pairs = params.min_pairs;
  const SequenceData lines =
      sequences_of(history, {params.max_basket_lines, params.max_history_lines, params.half_life_days});
  Csr<float> neighbours = nearest_in_sequences(ctx, lines, pairs, params.neighbours);
  return make_neighbour_source("together", std::move(neighbours), std::move(popularity), params.anchors);
}

}  // namespace nextbest
