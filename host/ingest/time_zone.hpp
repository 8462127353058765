#pragma once

#include <span>
#include <string>
#include <vector>

#include "kernels/core/types.hpp"

namespace nextbest {

/// Makes Arrow's compute functions usable; cheap when they are.
void initialize_compute();

/// Throws when days cannot be computed in this zone. "UTC" always can, without a time zone database.
/// @throws UsageError the zone is not in the machine's time zone database, or there is none
void check_time_zone(const std::string& zone);

/// Wall-clock times of a zone (microseconds since 1970-01-01 00:00 on that clock) to UTC, in place. A time that a clock
/// change makes ambiguous is taken as the earlier moment, one that it skips as the moment of the change. kNoTime stays.
void local_to_utc(std::span<Micros> times, const std::string& zone);

/// UTC to the wall-clock times of a zone, in place. kNoTime stays.
void utc_to_local(std::span<Micros> times, const std::string& zone);

/// Number of the day on the wall clock that a wall-clock time belongs to (1970-01-01 = 0); rounds down.
inline std::int64_t day_of(Micros local) {
  return local / kMicrosPerDay - (local % kMicrosPerDay < 0 ? 1 : 0);
}

}  // namespace nextbest
