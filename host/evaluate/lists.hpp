#pragma once

#include <string>
#include <vector>

#include "kernels/core/csr.hpp"
#include "kernels/core/types.hpp"

namespace nextbest {

/// The lists that one source (or the blend) gave to the evaluated customers before the targets were seen.
struct RankedLists {
  std::string source;
  Offset k = 0;
  std::vector<Code> item;            ///< [customers, k], closed by kNoCode
  std::vector<float> score;          ///< [customers, k]
  std::vector<std::uint8_t> origin;  ///< blend only: index of the source that contributed most, per place; else empty
};

/// Who is evaluated, and on what.
struct EvaluationSet {
  std::vector<Code> customer;  ///< ascending customer codes: those with at least one target
  Csr<float> targets;          ///< [customers, items] distinct ascending item codes
  Csr<float> history;          ///< [customers, items] distinct items of the history before the cut
  Offset known_items = 0;      ///< items with at least one order before the cut
};

}  // namespace nextbest
