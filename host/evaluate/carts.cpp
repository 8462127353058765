#include "host/evaluate/carts.hpp"

#include <algorithm>
#include <numeric>

#include "host/evaluate/orders.hpp"
#include "kernels/core/philox.hpp"

namespace nextbest {
namespace {

constexpr std::uint64_t kHiddenLineStream = 0x61747461636855ULL;

/// One order as a cart.
struct Cart {
  std::uint64_t order = 0;
  std::vector<Code> items;     ///< all of it, ascending, distinct
  std::vector<Code> hideable;  ///< known items of its test lines, ascending
};

/// Calls body(cart) for every order that counts, until it says no.
template <class Body>
void for_each_cart(const OrderLog& log, std::span<const Part> part, std::span<const char> known, const Body& body) {
  if (!has_orders(log)) return;
  Cart cart;
  bool more = true;
  const auto look = [&](Offset first, Offset last) {
    if (!more) return;
    cart.items.clear();
    cart.hideable.clear();
    for (Offset l = log.basket_offset[first]; l < log.basket_offset[last]; ++l) {
      if (part[l] == Part::kUnused) continue;
      cart.items.push_back(log.line_item[l]);
      if (part[l] == Part::kTest && known[log.line_item[l]]) cart.hideable.push_back(log.line_item[l]);
    }
    if (cart.hideable.empty() || cart.items.size() < 2) return;
    for (std::vector<Code>* items : {&cart.items, &cart.hideable}) {
      std::sort(items->begin(), items->end());
      items->erase(std::unique(items->begin(), items->end()), items->end());
    }
    if (std::count_if(cart.items.begin(), cart.items.end(), [&](Code item) { return known[item] != 0; }) < 2) return;
    cart.order = static_cast<std::uint64_t>(log.basket_order.empty() ? first : log.basket_order[first]);
    more = body(cart);
  };
  for (std::size_t c = 0; more && c + 1 < log.customer_offset.size(); ++c)
    for_each_order(log, log.customer_offset[c], log.customer_offset[c + 1], look);
  if (more) for_each_order(log, log.customer_offset.back(), log.baskets(), look);
}

}  // namespace

std::vector<char> items_in_parts(const OrderLog& log, std::span<const Part> part, Parts parts) {
  std::vector<char> found(static_cast<std::size_t>(log.items.size()), 0);
  for (std::size_t l = 0; l < part.size(); ++l)
    if (contains(parts, part[l])) found[log.line_item[l]] = 1;
  return found;
}

EvaluationSet carts_with_a_hidden_line(const OrderLog& log, std::span<const Part> part, std::span<const char> known,
                                       std::uint64_t seed) {
  EvaluationSet carts;
  carts.targets.cols = carts.history.cols = log.items.size();
  carts.known_items = std::count(known.begin(), known.end(), 1);
  for_each_cart(log, part, known, [&](const Cart& cart) {
    const Code hidden = cart.hideable[philox_below(seed, kHiddenLineStream, cart.order, cart.hideable.size())];
    carts.customer.push_back(static_cast<Code>(carts.customer.size()));
    carts.targets.indices.push_back(hidden);
    carts.targets.indptr.push_back(static_cast<Offset>(carts.targets.indices.size()));
    std::copy_if(cart.items.begin(), cart.items.end(), std::back_inserter(carts.history.indices),
                 [&](Code item) { return item != hidden; });
    carts.history.indptr.push_back(static_cast<Offset>(carts.history.indices.size()));
    return true;
  });
  return carts;
}

bool any_cart(const OrderLog& log, std::span<const Part> part, std::span<const char> known) {
  bool found = false;
  for_each_cart(log, part, known, [&](const Cart&) {
    found = true;
    return false;
  });
  return found;
}

RankedLists complete_carts(Context& ctx, const Source& together, const EvaluationSet& carts, Offset k) {
  const auto rows = static_cast<Offset>(carts.customer.size());
  std::vector<Offset> one_basket_each(carts.customer.size() + 1);
  std::iota(one_basket_each.begin(), one_basket_each.end(), Offset{0});
  const HistoryView now{carts.history.cols, one_basket_each, carts.history.indptr, carts.history.indices, {}, kNoTime};
  RankedLists lists{std::string(together.name()), k, {}, {}, {}};
  lists.item.assign(static_cast<std::size_t>(rows * k), kNoCode);
  lists.score.assign(static_cast<std::size_t>(rows * k), 0.0F);
  const TopKFilter without_the_cart{carts.history.view(), {}, {}, {}};
  together.candidates(ctx, now, carts.customer, without_the_cart,
                      {{lists.item.data(), rows, k}, {lists.score.data(), rows, k}});
  return lists;
}

}  // namespace nextbest
