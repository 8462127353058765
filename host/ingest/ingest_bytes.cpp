#include "host/ingest/ingest_bytes.hpp"

#include <algorithm>

#include "host/ingest/line.hpp"

namespace nextbest {

IngestBytes ingest_bytes(const IngestSize& size) {
  // With Arrow's buffers; measured.
  constexpr std::int64_t kTyped = std::int64_t{116} << 20, kText = std::int64_t{148} << 20;
  const std::int64_t program = size.text ? kText : kTyped;
  constexpr std::int64_t kOpenId = 64, kSortedId = 25, kTextId = 40, kBasket = 24, kPurchase = 8;
  const std::int64_t texts = size.id_bytes + (size.id_bytes > 0 ? kTextId * size.ids : 0);
  const std::int64_t open_ids = kOpenId * size.ids + texts, sorted_ids = kSortedId * size.ids + texts;
  const std::int64_t log = size.line_bytes * size.lines + kBasket * size.baskets + 8 * size.ids + texts;
  const std::int64_t waiting = static_cast<std::int64_t>(sizeof(Line)) * size.lines;
  const std::int64_t windows = kSpillWindow + size.threads * (std::int64_t{32} << 20);
  const std::int64_t writing = log + kPurchase * size.lines;
  return {program + std::max({open_ids + waiting, sorted_ids + log, writing}),
          program + windows + std::max({open_ids, sorted_ids + log, writing})};
}

}  // namespace nextbest
