#include "models/blend/params.hpp"

#include <algorithm>

#include "kernels/core/error.hpp"

namespace nextbest {

void RecommendParams::validate() const {
  if (sources.empty()) throw UsageError("recommend.sources: at least one source is needed");
  for (auto it = sources.begin(); it != sources.end(); ++it)
    if (std::find(sources.begin(), it, *it) != it) throw UsageError("recommend.sources: \"" + *it + "\" stands twice");
  if (list_size < 1) throw UsageError("recommend.list_size: must be at least 1");
}

}  // namespace nextbest
