#pragma once

#include <cstdint>

#include "kernels/core/host_device.hpp"
#include "kernels/core/types.hpp"

namespace nextbest {

/// One candidate of a ranking.
struct Ranked {
  float score;
  std::int64_t popularity;
  Code item;
};

/// The one total order of every ranking: score descending, popularity descending, code (so id) ascending.
NEXTBEST_HOST_DEVICE inline bool ranks_before(const Ranked& x, const Ranked& y) {
  if (x.score != y.score) return x.score > y.score;
  if (x.popularity != y.popularity) return x.popularity > y.popularity;
  return x.item < y.item;
}

/// The same as a type, which algorithms inline where they would call a pointer to a function.
struct RanksBefore {
  NEXTBEST_HOST_DEVICE bool operator()(const Ranked& x, const Ranked& y) const { return ranks_before(x, y); }
};

}  // namespace nextbest
