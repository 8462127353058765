#include <array>

#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "kernels/core/philox.hpp"
#include "kernels/math/association.hpp"
#include "kernels/ops/pair_measures.hpp"

namespace nextbest::test {
namespace {

struct Columns {
  explicit Columns(std::size_t n) { column.fill(std::vector<double>(n, -7)); }
  PairMeasureColumns view() {
    auto& c = column;
    return {c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8]};
  }
  std::array<std::vector<double>, 9> column;
};

// The vectors have to give the bits of the formulas, whatever is left over at their end.
TEST(PairMeasures, TheFormulasOneByOne) {
  const double units = 5000;
  for (const std::size_t n : {0, 1, 3, 7, 8, 9, 31, 64, 1009}) {
    std::vector<double> both(n), a(n), b(n), expected(n);
    for (std::size_t i = 0; i < n; ++i) {
      const auto draw = [&](std::uint64_t stream) { return philox_uniform(7, stream, i); };
      both[i] = std::ceil(40 * draw(1));
      a[i] = both[i] + std::floor(300 * draw(2)) * (i % 5 > 0);
      b[i] = both[i] + std::floor(300 * draw(3)) * (i % 7 > 0);
      expected[i] = 20 * draw(4);
    }
    Columns out(n);
    pair_measures({both, a, b, expected, units}, out.view());
    for (std::size_t i = 0; i < n; ++i) {
      const PairCounts counts{both[i], a[i], b[i], units};
      const double wanted[] = {support(counts),
                               confidence(counts),
                               wilson_lower(both[i], a[i]),
                               lift(counts),
                               shrunk_lift(both[i], expected[i], kLiftShrinkage),
                               llr(counts),
                               npmi(counts),
                               jaccard(counts),
                               cosine(counts)};
      for (std::size_t m = 0; m < 9; ++m) ASSERT_EQ(out.column[m][i], wanted[m]) << "measure " << m << ", pair " << i;
    }
  }
}

TEST(PairMeasures, ColumnsOfDifferentLengths) {
  const std::vector<double> four(4, 1), five(5, 1);
  Columns out(4);
  EXPECT_THROW(pair_measures({four, five, four, four, 10}, out.view()), ShapeMismatch);
  out.column[8].resize(3);
  EXPECT_THROW(pair_measures({four, four, four, four, 10}, out.view()), ShapeMismatch);
}

}  // namespace
}  // namespace nextbest::test
