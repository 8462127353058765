#include "host/store/order_log_check.hpp"

#include <algorithm>
#include <atomic>
#include <functional>

#include "kernels/core/parallel.hpp"

namespace nextbest {
namespace {

bool are_offsets(const std::vector<Offset>& offset) {
  return !offset.empty() && offset.front() == 0 && std::is_sorted(offset.begin(), offset.end());
}

bool in_range(const auto& codes, Offset size) {
  return std::all_of(codes.begin(), codes.end(), [size](auto code) { return code >= 0 && code < size; });
}

template <class T>
bool fits(const std::vector<T>& values, Offset size) {
  return values.empty() || static_cast<Offset>(values.size()) == size;
}

/// Baskets whose items ascend, and which therefore lie in the dictionary where the first and the last one do.
bool items_fit(const OrderLog& log, Offset begin, Offset end) {
  bool fit = true;
  for (Offset b = begin; b < end; ++b) {
    Code before = -1;
    for (Offset line = log.basket_offset[b]; line < log.basket_offset[b + 1]; ++line) {
      fit &= before < log.line_item[line];
      before = log.line_item[line];
    }
    fit &= Offset{before} < log.items.size();
  }
  return fit;
}

std::string items_problem(const OrderLog& log, const Context& ctx) {
  constexpr Offset kBaskets = Offset{1} << 14;
  std::atomic<bool> fit{true};
  parallel_for(ctx, log.baskets(), kBaskets, [&](Offset begin, Offset end, int) {
    if (!items_fit(log, begin, end)) fit = false;
  });
  if (fit) return "";
  return in_range(log.line_item, log.items.size()) ? "the items of a basket are not ascending"
                                                   : "an item is outside the dictionary";
}

bool times_ascend(const OrderLog& log) {
  if (log.basket_time.empty()) return true;
  for (std::size_t c = 0; c + 1 < log.customer_offset.size(); ++c) {
    const auto begin = log.basket_time.begin() + log.customer_offset[c];
    const auto end = log.basket_time.begin() + log.customer_offset[c + 1];
    if (!std::is_sorted(begin, end)) return false;
  }
  return true;
}

bool holds(const Categorical& column, Offset items) {
  const auto names = static_cast<Code>(column.names.size());
  return static_cast<Offset>(column.code.size()) == items &&
         std::adjacent_find(column.names.begin(), column.names.end(), std::greater_equal<>{}) == column.names.end() &&
         std::all_of(column.code.begin(), column.code.end(),
                     [names](Code code) { return code >= kNoCode && code < names; });
}

bool holds_or_empty(const Categorical& column, Offset items) {
  return (column.names.empty() && column.code.empty()) || holds(column, items);
}

std::string catalogue_problem(const Catalogue& catalogue, Offset items) {
  if (catalogue.category.size() != catalogue.category_columns.size())
    return "the category levels do not fit their names";
  for (const Categorical& level : catalogue.category) {
    if (!holds(level, items)) return "a category does not fit the items";
  }
  for (const Categorical* column : {&catalogue.brand, &catalogue.family, &catalogue.size}) {
    if (!holds_or_empty(*column, items)) return "brand, family or size does not fit the items";
  }
  if (!fits(catalogue.name, items)) return "the names do not fit the items";
  for (const auto* column :
       {&catalogue.price, &catalogue.cost, &catalogue.stock, &catalogue.launched_at, &catalogue.discontinued_at}) {
    if (!fits(*column, items)) return "a column of the catalogue does not fit the items";
  }
  return "";
}

}  // namespace

std::string order_log_problem(const OrderLog& log, const Context& ctx) {
  const Offset lines = log.lines();
  if (!are_offsets(log.basket_offset) || log.basket_offset.back() != lines) return "the baskets do not fit the lines";
  const Offset baskets = log.baskets();
  if (!are_offsets(log.customer_offset) || log.customer_offset.back() > baskets ||
      static_cast<Offset>(log.customer_offset.size()) != log.customers.size() + 1) {
    return "the customers do not fit the baskets";
  }
  if (std::string problem = items_problem(log, ctx); !problem.empty()) return problem;
  if (!fits(log.basket_order, baskets) || !in_range(log.basket_order, log.orders.size())) {
    return "an order is outside the dictionary";
  }
  if (!fits(log.basket_time, baskets) || !times_ascend(log)) return "the times do not fit the baskets";
  const bool known_splits =
      std::all_of(log.basket_split.begin(), log.basket_split.end(), [](Split split) { return split <= Split::kTest; });
  if (!fits(log.basket_split, baskets) || !known_splits) return "the splits do not fit the baskets";
  if (!fits(log.line_quantity, lines)) return "the quantities do not fit the lines";
  if (!fits(log.line_price, lines)) return "the prices do not fit the lines";
  if (!fits(log.line_time, lines)) return "the times do not fit the lines";
  return catalogue_problem(log.catalogue, log.items.size());
}

}  // namespace nextbest
