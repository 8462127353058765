#include "models/ials/params.hpp"

#include "kernels/core/error.hpp"

namespace nextbest {

void IalsParams::validate() const {
  if (factors < 1 || factors > 1024) throw UsageError("embeddings.factors: must be from 1 to 1024");
  if (iterations < 1) throw UsageError("embeddings.iterations: must be at least 1");
  if (!(regularization > 0)) throw UsageError("embeddings.regularization: must be above 0");
  if (!(unobserved_weight >= 0)) throw UsageError("embeddings.unobserved_weight: must be 0 or above");
  if (!(frequency_exponent >= 0)) throw UsageError("embeddings.frequency_exponent: must be 0 or above");
  if (!(half_life_days >= 0)) throw UsageError("embeddings.half_life_days: must be 0 (no decay) or above");
}

}  // namespace nextbest
