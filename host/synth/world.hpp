#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "host/synth/synth.hpp"
#include "kernels/core/types.hpp"

namespace nextbest {

/// How strongly the truth shows in what customers do.
inline constexpr double kComplementChance = 0.35;  ///< a basket with an item gets its complement
inline constexpr double kFollowUpChance = 0.4;     ///< a purchase is followed up
inline constexpr double kFollowUpSpread = 0.2;     ///< of the logarithm of the lag
inline constexpr double kRegularChance = 0.15;     ///< a first purchase of a consumable makes a regular buyer
inline constexpr double kCycleSpread = 0.1;        ///< of the time between two purchases, relative
inline constexpr double kLadderChance = 0.35;      ///< a purchase is the last one on its tier
inline constexpr double kBulkShare = 0.002;        ///< of the customers

/// What an item is in the planted truth; every item is at most one thing.
enum class Role : std::uint8_t { kNone, kComplement, kFollowUp, kSubstitute, kCycle, kLadder, kSeasonal };

/// An item is known by its rank in popularity, 0 the most popular; tables write `id`.
struct SynthItem {
  Role role = Role::kNone;
  Code partner = kNoCode;  ///< of a complement (first item only), a follow-up (first item only), a substitute (both)
  double days = 0;         ///< lag of a follow-up, cycle of a consumable, peak (day of the year) of a seasonal item
  Code ladder = kNoCode;
  std::int32_t category = 0;
  std::int64_t price = 0, cost = 0;  ///< cents
  std::int64_t id = 0;
};

/// The catalogue with everything that is planted; the same for the same parameters.
struct World {
  explicit World(const SynthParams& params);

  SynthParams params;
  std::vector<SynthItem> items;               ///< by rank
  std::vector<double> cumulated;              ///< Zipf weights, summed up
  std::vector<std::vector<Code>> categories;  ///< members, most popular first
  std::vector<std::array<Code, 3>> ladders;   ///< tiers, cheapest first
  std::int64_t customers = 0;
  Micros begin = 0, end = 0;  ///< the span of the data

  bool is_bulk(std::int64_t customer) const;
  std::string department(std::int32_t category) const;
  std::string category_name(std::int32_t category) const;

 private:
  void plant_roles();
  void price_items();
};

}  // namespace nextbest
