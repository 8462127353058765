#pragma once

#include <cstdint>
#include <vector>

#include "host/synth/world.hpp"

namespace nextbest {

struct SynthLine {
  Code item;  ///< rank
  std::int32_t quantity;
  std::int64_t price;  ///< cents, of one piece
};

struct SynthOrder {
  Micros time;
  bool gift = false;
  std::int64_t returns = -1;  ///< place of the order that this one gives back from, in the sequence before sorting
  std::vector<SynthLine> lines;
};

/// Everything one customer ever does, in time order; `returns` is a place in the result. The same for the same
/// parameters, whoever else there is.
/// visit_scale  visits per planned line; see calibrate_visits()
std::vector<SynthOrder> synth_customer(const World& world, std::int64_t customer, double visit_scale);

/// The visit_scale with which customers come to have the lines that the parameters ask for; measured on a few of them,
/// because follow-ups, cycles and complements add lines of their own.
double calibrate_visits(const World& world);

}  // namespace nextbest
