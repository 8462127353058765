#pragma once

#include "host/store/h5_reader.hpp"
#include "host/store/h5_writer.hpp"
#include "host/store/order_log.hpp"

namespace nextbest::h5 {

/// Group `items`: a data frame of AnnData whose index is `id`, with the columns that the catalogue has.
void write_items(Writer& out, const Dictionary& items, const Catalogue& catalogue);
/// Whether the columns fit the items is left to order_log_problem(). @throws DamagedFile
Catalogue read_catalogue(const Reader& in);

}  // namespace nextbest::h5
