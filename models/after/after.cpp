#include "models/after/after.hpp"

#include "models/neighbours/neighbours.hpp"
#include "models/sequences/sequences.hpp"

namespace nextbest {

std::unique_ptr<Source> fit_after(Context& ctx, const HistoryView& history, std::vector<std::int64_t> popularity,
                                  const AfterParams& params) {
  SequenceParams pairs;
  pairs.same_basket = false;
  pairs.either_order = false;
  pairs.basket_decay = params.gap_decay;
  pairs.half_life_days = params.gap_half_life_days;
  pairs.window_days = params.window_days;
  pairs.by_exposure = true;
  pairs.prior = params.prior;
  pairs.anchor_exponent = 1;
  pairs.target_exponent = params.target_exponent;
  pairs.min_pairs = params.min_pairs;
  SequenceData lines;
  lines.items = history.items;
  if (history.has_times())
    lines = sequences_of(history, {params.max_basket_lines, params.max_history_lines, params.half_life_days});
  Csr<float> neighbours = nearest_in_sequences(ctx, lines, pairs, params.neighbours);
  return make_neighbour_source("after", std::move(neighbours), std::move(popularity), params.anchors);
}

}  // namespace nextbest
