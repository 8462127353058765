#include "models/blend/params.hpp"

#include <algorithm>

#include "kernels/core/error.hpp"
#include "kernels/core/nearest.hpp"

namespace nextbest {

void RecommendParams::validate() const {
  if (sources.empty()) throw UsageError("recommend.sources: at least one source is needed");
  const std::vector<std::string> known(kSourceNames.begin(), kSourceNames.end());
  for (const std::string& name : sources)
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw UsageError("recommend.sources: \"" + name + "\" is not known; did you mean \"" + nearest(name, known) +
                       "\"?");
  for (auto it = sources.begin(); it != sources.end(); ++it)
    if (std::find(sources.begin(), it, *it) != it) throw UsageError("recommend.sources: \"" + *it + "\" stands twice");
  if (list_size < 1) throw UsageError("recommend.list_size: must be at least 1");
  check_ranges_of("recommend", params);
}

}  // namespace nextbest
