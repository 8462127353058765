#pragma once

#include <cstdint>
#include <vector>

#include "host/evaluate/split.hpp"
#include "host/store/order_log.hpp"

namespace nextbest {

/// The steps that splits are made of. Each gives some of the training lines to `to` and leaves the rest.

/// Orders after `cut`, anonymous ones too.
void assign_after(const OrderLog& log, Micros cut, Part to, std::vector<Part>& part);
/// The last order of every customer who keeps another one.
void assign_last_order(const OrderLog& log, Part to, std::vector<Part>& part);
/// The last line of every customer who keeps another one; at one moment the largest item code.
void assign_last_item(const OrderLog& log, Part to, std::vector<Part>& part);
/// A share of every customer's lines, rounded, at least one, of those who keep at least one; drawn by Philox.
void assign_hidden(const OrderLog& log, double share, std::uint64_t seed, Part to, std::vector<Part>& part);
/// A share of the orders, rounded, at least one, where one stays; drawn by Philox from the order's code.
void assign_hidden_orders(const OrderLog& log, double share, std::uint64_t seed, Part to, std::vector<Part>& part);
/// The column `split`; lines of anonymous orders stay in their part.
void assign_column(const OrderLog& log, std::vector<Part>& part);

}  // namespace nextbest
