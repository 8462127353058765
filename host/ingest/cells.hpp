#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "host/ingest/id_encoder.hpp"
#include "host/store/order_log.hpp"
#include "kernels/core/types.hpp"

namespace arrow {
class Array;
}

namespace nextbest {

/// A column of one batch. Cells of text files are bytes that have to be understood; typed cells are what they are.
struct Cells {
  const arrow::Array& array;
  bool is_text = false;
};

/// Told of every cell that cannot be read: its row in the batch, the value as the user wrote it, what is wrong and what
/// to do.
using OnBadCell = std::function<void(std::int64_t row, const std::string& value, const std::string& reason)>;

/// A type that no cell of a column can be read from, e.g. a list as an id. Thrown by all functions below.
struct WrongColumnType {
  std::string type, wanted;
};

/// Every function here appends one value per row; the value of a bad cell means nothing.

/// Ids: integers, texts, integral floats and decimals. A missing id (null, NaN, empty; in text files also NA, NaN,
/// NULL, ... where `missing_allowed`) is kNoCode, and bad unless allowed.
void read_ids(const Cells& cells, bool missing_allowed, IdEncoder& encoder, std::vector<Offset>& codes,
              const OnBadCell& bad);
/// Moments as UTC. Wall-clock times are of `zone`. A missing one is kNoTime, and bad unless allowed.
void read_times(const Cells& cells, const std::string& zone, bool missing_allowed, std::vector<Micros>& times,
                const OnBadCell& bad);
/// Numbers in 1/10,000. A missing one is kNoValue, and bad unless allowed.
void read_amounts(const Cells& cells, bool missing_allowed, std::vector<std::int64_t>& amounts, const OnBadCell& bad);
/// train, validation (valid, val), test, whatever their case.
void read_splits(const Cells& cells, std::vector<Split>& splits, const OnBadCell& bad);
/// Names to show, trimmed; numbers as text; missing ones are empty. What is not UTF-8 in them becomes U+FFFD: a label
/// is no reason to stop.
void read_texts(const Cells& cells, std::vector<std::string>& texts);

}  // namespace nextbest
