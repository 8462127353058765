#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "kernels/core/types.hpp"

namespace nextbest {

/// "2026-01-31T12:34:56Z" in UTC; null for kNoTime.
nlohmann::json time_text(Micros time);
/// "2026-01-31", the UTC day; empty for kNoTime.
std::string day_text(Micros time);

}  // namespace nextbest
