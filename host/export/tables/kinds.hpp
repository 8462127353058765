#pragma once

#include <functional>
#include <string>

#include "host/export/tables/rows.hpp"

namespace nextbest {

/// Goes over the customers, then the items, in chunks [begin, end) of codes. Each chunk comes with the columns `kind`
/// ("customer", "item") and `id`: with the type the user gave them where both kinds share it, as text where they
/// differ.
void for_chunks_of_kinds(
    const OrderLog& log,
    const std::function<void(Chunk chunk, const std::string& kind, Offset begin, Offset end)>& use);

}  // namespace nextbest
