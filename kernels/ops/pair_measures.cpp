#include "kernels/ops/pair_measures.hpp"

#include "kernels/core/expects.hpp"

namespace nextbest {

void pair_measures(const PairEvidence& pairs, const PairMeasureColumns& out) {
  const auto expect_length = [&](std::size_t length, const char* what) {
    expects_equal(static_cast<std::int64_t>(length), static_cast<std::int64_t>(pairs.both.size()), "pair_measures",
                  what);
  };
  for (const auto& numbers : {pairs.a, pairs.b, pairs.expected})
    expect_length(numbers.size(), "length of the evidence");
  for (const auto& column : {out.support, out.confidence, out.confidence_lower, out.lift, out.shrunk_lift, out.llr,
                             out.npmi, out.jaccard, out.cosine})
    expect_length(column.size(), "length of a column");
  cpu::pair_measures(pairs, out);
}

}  // namespace nextbest
