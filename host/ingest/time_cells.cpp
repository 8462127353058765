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
  TimeCells(std::int64_t rows, std::vector<Micros>& out, const OnBadCell& bad)
      : times_(out, out.size(), rows), local_(static_cast<std::size_t>(rows)), bad_(bad) {}

  /// `shown` makes the text of a bad cell.
  template <typename Shown>
  void put(std::int64_t row, const std::optional<ParsedTime>& parsed, const Shown& shown) {
    if (parsed && parsed->time != kNoTime) {
      times_[row] = parsed->time;
      local_[row] = parsed->has_zone ? kUtc : kWallClock;
    } else {
      local_[row] = kBad;
      bad_(row, shown(), kNoTimeReason);
    }
  }

  void put_missing(std::int64_t row, const std::string& shown) {
    local_[row] = kBad;
    bad_(row, shown, "the time is missing; fill it in or do not map the column");
  }

  void read_timestamps(const arrow::TimestampArray& array) {
    const auto& type = static_cast<const arrow::TimestampType&>(*array.type());
    const bool has_zone = !type.timezone().empty(), has_nulls = array.null_count() > 0;
    for (std::int64_t row = 0; row < array.length(); ++row) {
      if (has_nulls && array.IsNull(row)) continue;
      const std::int64_t value = array.Value(row);
      put(row, ParsedTime{to_micros(value, type.unit()), has_zone}, [value] { return std::to_string(value); });
    }
  }

  template <typename Array>
  void read_dates(const Array& array, std::int64_t micros_per_unit) {
    for (std::int64_t row = 0; row < array.length(); ++row) {
      if (array.IsNull(row)) continue;
      const std::int64_t value = array.Value(row);
      const bool far = value > kFarthest / micros_per_unit || value < -kFarthest / micros_per_unit;
      put(row, ParsedTime{far ? kNoTime : value * micros_per_unit, false}, [value] { return std::to_string(value); });
    }
  }

  void finish(const std::string& zone, bool missing_allowed) {
    std::vector<Micros> wall;
    for (std::size_t row = 0; row < local_.size(); ++row) {
      if (local_[row] == kWallClock) wall.push_back(times_[row]);
    }
    local_to_utc(wall, zone);
    std::size_t next = 0;
    for (std::size_t row = 0; row < local_.size(); ++row) {
      if (local_[row] == kWallClock) times_[row] = wall[next++];
      if (local_[row] == kMissing && !missing_allowed) put_missing(static_cast<std::int64_t>(row), "");
    }
  }

 private:
  enum Cell : std::uint8_t { kMissing, kUtc, kWallClock, kBad };
  /// The rows of this column among all times.
  struct Rows {
    Rows(std::vector<Micros>& all, std::size_t begin, std::int64_t rows) {
      all.resize(begin + static_cast<std::size_t>(rows), kNoTime);
      first = all.data() + begin;
    }
    Micros& operator[](std::int64_t row) const { return first[row]; }
    Micros& operator[](std::size_t row) const { return first[row]; }
    Micros* first;
  };
  Rows times_;
  std::vector<Cell> local_;
  const OnBadCell& bad_;
};

}  // namespace

void read_times(const Cells& cells, const std::string& zone, bool missing_allowed, std::vector<Micros>& times,
                const OnBadCell& bad) {
  const auto array = plain_form(cells.array, kWanted);
  TimeCells parsed(array->length(), times, bad);
  if (array->type_id() == arrow::Type::TIMESTAMP) {
    parsed.read_timestamps(static_cast<const arrow::TimestampArray&>(*array));
  } else if (array->type_id() == arrow::Type::DATE32) {
    parsed.read_dates(static_cast<const arrow::Date32Array&>(*array), kMicrosPerDay);
  } else if (array->type_id() == arrow::Type::DATE64) {
    parsed.read_dates(static_cast<const arrow::Date64Array&>(*array), 1000);
  } else if (is_integer_array(*array)) {
    for_each_integer(*array, [&](std::int64_t row, auto value) {
      parsed.put(row, epoch_time(static_cast<std::int64_t>(value)), [value] { return std::to_string(value); });
    });
  } else if (is_float_array(*array)) {
    for_each_float(*array, [&](std::int64_t row, double value) {
      parsed.put(row, epoch_time(value), [value] { return fmt::format("{}", value); });
    });
  } else if (is_string_array(*array)) {
    std::string_view last;
    std::optional<ParsedTime> time;
    for_each_text(*array, [&](std::int64_t row, std::string_view cell) {
      const std::string_view text = trimmed(cell);
      if (is_missing_text(text)) {
        if (!missing_allowed) parsed.put_missing(row, std::string(cell));
        return;
      }
      if (text != last) time = parse_time(text);  // lines of one order are usually neighbours
      last = text;
      parsed.put(row, time, [cell] { return std::string(cell); });
    });
  } else if (array->type_id() != arrow::Type::NA) {
    throw WrongColumnType{array->type()->ToString(), kWanted};
  }
  parsed.finish(zone, missing_allowed);
}

}  // namespace nextbest
