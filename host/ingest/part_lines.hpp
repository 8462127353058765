#pragma once

#include <vector>

#include "host/ingest/raw_lines.hpp"
#include "kernels/core/context.hpp"

namespace nextbest {

/// Lines of consecutive customers, or of nobody's consecutive orders: everything that is needed to make baskets of
/// them.
struct Partition {
  bool anonymous = false;
  Offset first = 0, last = 0;  ///< customers, or orders where anonymous: [first, last) in ascending order
  std::int64_t lines = 0;
  std::vector<LineChunk> chunks;  ///< lines in no particular order
};

/// Takes the lines from raw.store and puts them back by customer, those of nobody behind, by order. Codes in the lines
/// become places in the ascending order of ids. About 32,000 lines come together, so that what follows works in cache;
/// a customer is never split. Temporary memory: 16 bytes a customer, a chunk per partition and thread.
/// @throws OutputError the temporary file of the store cannot be written
std::vector<Partition> part_lines(RawLines& raw, const Context& ctx);

}  // namespace nextbest
