#pragma once

#include <cstdint>
#include <span>

#include "host/evaluate/lists.hpp"
#include "host/evaluate/split.hpp"
#include "host/store/order_log.hpp"
#include "kernels/core/context.hpp"
#include "models/source.hpp"

namespace nextbest {

/// [items] 1 where an item is bought in one of these lines.
std::vector<char> items_in_parts(const OrderLog& log, std::span<const Part> part, Parts parts);

/// Basket completion (hide one line). Every order with a test line and at least two different known items is a cart
/// that lacks one of its known test lines: the one at place philox_below(seed, stream, order, their number) of the
/// ascending ones, where `order` is the order's code, or without order ids its first basket. Whatever else the order
/// holds lies in the cart. Nobody's orders count like all others; baskets that are whole histories are no carts.
/// known    [items] as items_in_parts() of what was read before the cut
/// returns  row r is a cart: targets = the hidden item, history = the rest, customer[r] = r
EvaluationSet carts_with_a_hidden_line(const OrderLog& log, std::span<const Part> part, std::span<const char> known,
                                       std::uint64_t seed);

/// Is there a cart at all? Stops at the first.
bool any_cart(const OrderLog& log, std::span<const Part> part, std::span<const char> known);

/// The k items that the source "together" would offer at each cart: a customer whose history is the cart, now. What
/// lies in the cart is not offered.
RankedLists complete_carts(Context& ctx, const Source& together, const EvaluationSet& carts, Offset k);

}  // namespace nextbest
