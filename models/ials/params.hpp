#pragma once

#include <cstdint>

#include "models/params/fields.hpp"

namespace nextbest {

enum class Confidence { kOne, kLog };

/// `[embeddings]` of the job file.
struct IalsParams {
  int factors = 128;
  int iterations = 12;
  double regularization = 0.01;
  double unobserved_weight = 0.01;
  double frequency_exponent = 1.0;
  double half_life_days = 0;  ///< of the confidences; 0 = no decay
  Confidence confidence = Confidence::kLog;
  bool warm_start = false;
  std::uint64_t seed = 20240131;

  void visit(ParamFields& fields);
  /// @throws UsageError naming the job key and its range
  void validate() const;
};

}  // namespace nextbest
