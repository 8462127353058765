#pragma once

#include <cstdint>

#include <nlohmann/json.hpp>

#include "host/job/job.hpp"
#include "host/store/order_log.hpp"

namespace nextbest {

/// How large an order log is: what the memory and the time of every stage follow from.
struct LogSize {
  std::int64_t lines = 0, baskets = 0, items = 0, customers = 0;
  std::int64_t purchases = 0;                                   ///< different (customer, item)
  std::int64_t catalogue = 0;                                   ///< items of the catalogue
  std::int64_t id_bytes = 0;                                    ///< of all ids, as they are stored
  bool quantities = false, prices = false, line_times = false;  ///< columns of the lines beside the item
  bool times = false;
  bool text = false;   ///< it comes from text files
  bool exact = false;  ///< counted, not estimated

  /// Of one line in memory.
  std::int64_t line_bytes(KeptColumns columns) const {
    const bool amounts = quantities && columns == KeptColumns::kAll, money = prices && columns != KeptColumns::kItems;
    return 4 + 8 * (amounts + money + line_times);
  }
};

/// Of a log that is there.
LogSize size_of(const OrderLog& log);
/// As the ingest stage keeps it for those that come later.
nlohmann::json to_json(const LogSize& size);
LogSize log_size_from(const nlohmann::json& json);

/// Of a job's files, before anything is ingested. Parquet files tell their rows in their footers, and the ids of up
/// to 1.5 million lines of the files' beginnings are counted: those that the files have if that is all of them.
/// Otherwise different ids are taken to grow as n^b with the lines n that were seen (Heaps' law), b from the second
/// half of those, to no more than the footers leave room for. What cleaning will remove is not known.
/// @throws DataError a file that cannot be read, a mapped column that is not there
LogSize estimate_size(const Job& job);

}  // namespace nextbest
