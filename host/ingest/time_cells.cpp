#include <arrow/array.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include "host/ingest/cell_access.hpp"
#include "host/ingest/cells.hpp"
#include "host/ingest/time_zone.hpp"
#include "host/ingest/values.hpp"

namespace nextbest {
namespace {

constexpr const char* kWanted = "moments: timestamps, dates, epoch numbers or ISO 8601 text";
constexpr const char* kNoTimeReason =
    "not a moment; write 2026-01-31, 2026-01-31 17:05:00, 2026-01-31T17:05:00+01:00, or seconds since 1970";
/// Years -29,000 to 33,000 in microseconds; what lies outside is a unit gone wrong.
constexpr Micros kFarthest = 1'000'000'000'000'000'000;

/// A count of `unit`s since 1970 as microseconds; kNoTime when it leaves the range.
Micros to_micros(std::int64_t count, arrow::TimeUnit::type unit) {
  if (unit == arrow::TimeUnit::NANO) return count / 1000 - (count % 1000 < 0 ? 1 : 0);
  const std::int64_t scale = unit == arrow::TimeUnit::SECOND ? 1'000'000 : unit == arrow::TimeUnit::MILLI ? 1'000 : 1;
  return count > kFarthest / scale || count < -kFarthest / scale ? kNoTime : count * scale;
}

/// Collects the times of one column: first as given, then the wall-clock ones moved to UTC in one go.
class TimeCells {
 public:
  TimeCells(std::int64_t rows, const OnBadCell& bad)
      : times_(static_cast<std::size_t>(rows), kNoTime), local_(times_.size()), told_(times_.size()), bad_(bad) {}

  void put(std::int64_t row, std::optional<ParsedTime> parsed, const std::string& shown) {
    if (parsed && parsed->time != kNoTime) {
      times_[row] = parsed->time;
      local_[row] = !parsed->has_zone;
    } else {
      told_[row] = true;
      bad_(row, shown, kNoTimeReason);
    }
  }

  void put_missing(std::int64_t row, const std::string& shown) {
    told_[row] = true;
    bad_(row, shown, "the time is missing; fill it in or do not map the column");
  }

  void read_timestamps(const arrow::TimestampArray& array) {
    const auto& type = static_cast<const arrow::TimestampType&>(*array.type());
    for (std::int64_t row = 0; row < array.length(); ++row) {
      if (array.IsNull(row)) continue;
      const Micros time = to_micros(array.Value(row), type.unit());
      put(row, ParsedTime{time, !type.timezone().empty()}, time == kNoTime ? std::to_string(array.Value(row)) : "");
    }
  }

  template <typename Array>
  void read_dates(const Array& array, std::int64_t micros_per_unit) {
    for (std::int64_t row = 0; row < array.length(); ++row) {
      if (array.IsNull(row)) continue;
      const std::int64_t value = array.Value(row);
      const bool far = value > kFarthest / micros_per_unit || value < -kFarthest / micros_per_unit;
      put(row, ParsedTime{far ? kNoTime : value * micros_per_unit, false}, far ? std::to_string(value) : "");
    }
  }

  void finish(const std::string& zone, bool missing_allowed, std::vector<Micros>& out) {
    std::vector<Micros> wall;
    for (std::size_t row = 0; row < times_.size(); ++row) {
      if (local_[row]) wall.push_back(times_[row]);
    }
    local_to_utc(wall, zone);
    std::size_t next = 0;
    for (std::size_t row = 0; row < times_.size(); ++row) {
      if (local_[row]) times_[row] = wall[next++];
      if (times_[row] == kNoTime && !told_[row] && !missing_allowed) {
        put_missing(static_cast<std::int64_t>(row), "");
      }
    }
    out.insert(out.end(), times_.begin(), times_.end());
  }

 private:
  std::vector<Micros> times_;
  std::vector<bool> local_, told_;
  const OnBadCell& bad_;
};

}  // namespace

void read_times(const Cells& cells, const std::string& zone, bool missing_allowed, std::vector<Micros>& times,
                const OnBadCell& bad) {
  const auto array = plain_form(cells.array, kWanted);
  TimeCells parsed(array->length(), bad);
  if (array->type_id() == arrow::Type::TIMESTAMP) {
    parsed.read_timestamps(static_cast<const arrow::TimestampArray&>(*array));
  } else if (array->type_id() == arrow::Type::DATE32) {
    parsed.read_dates(static_cast<const arrow::Date32Array&>(*array), kMicrosPerDay);
  } else if (array->type_id() == arrow::Type::DATE64) {
    parsed.read_dates(static_cast<const arrow::Date64Array&>(*array), 1000);
  } else if (is_integer_array(*array)) {
    for_each_integer(*array, [&](std::int64_t row, auto value) {
      parsed.put(row, epoch_time(static_cast<std::int64_t>(value)), std::to_string(value));
    });
  } else if (is_float_array(*array)) {
    for_each_float(
        *array, [&](std::int64_t row, double value) { parsed.put(row, epoch_time(value), fmt::format("{}", value)); });
  } else if (is_string_array(*array)) {
    for_each_text(*array, [&](std::int64_t row, std::string_view cell) {
      const std::string_view text = trimmed(cell);
      if (is_missing_text(text)) {
        if (!missing_allowed) parsed.put_missing(row, std::string(cell));
        return;
      }
      const auto time = parse_time(text);
      parsed.put(row, time, time ? std::string() : std::string(cell));
    });
  } else if (array->type_id() != arrow::Type::NA) {
    throw WrongColumnType{array->type()->ToString(), kWanted};
  }
  parsed.finish(zone, missing_allowed, times);
}

}  // namespace nextbest
