#pragma once

#include "host/store/h5_reader.hpp"
#include "host/store/h5_writer.hpp"
#include "host/store/order_log.hpp"

namespace nextbest::h5 {

/// Group `items`: a data frame of AnnData whose index is `id`, with the columns that the catalogue has.
void write_items(Writer& out, const Dictionary& items, const Catalogue& catalogue);
/// @throws DamagedFile a column that does not fit the items
Catalogue read_catalogue(const Reader& in, Offset items);

}  // namespace nextbest::h5
