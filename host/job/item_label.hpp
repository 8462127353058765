#pragma once

#include <string>

#include "host/store/order_log.hpp"

namespace nextbest {

/// An item for people: its name and id where the catalogue or the orders name it, else the id.
std::string item_label(const OrderLog& log, Code item);

}  // namespace nextbest
