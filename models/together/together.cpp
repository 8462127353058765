#include "models/together/together.hpp"

namespace nextbest {

std::unique_ptr<Source> fit_together(Context& ctx, const HistoryView& history, std::vector<std::int64_t> popularity,
                                     const TogetherParams& params) {
  PairsParams orders;
  orders.half_life_days = 0;
  orders.max_basket_lines = params.max_basket_lines;
  Csr<float> neighbours =
      nearest_items(ctx, order_units(history, orders), {Measure::kCosine, params.neighbours, params.min_orders});
  return make_neighbour_source("together", std::move(neighbours), std::move(popularity), params.anchors);
}

}  // namespace nextbest
