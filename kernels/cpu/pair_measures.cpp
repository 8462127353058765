#include "kernels/ops/pair_measures.hpp"

#include "kernels/math/association.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/pair_measures.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu::HWY_NAMESPACE {

// One plain loop per measure, which the compiler turns into the vectors of this target.
template <class Formula>
HWY_FLATTEN void fill(const PairEvidence& pairs, std::span<double> out, Formula&& formula) {
  const double *both = pairs.both.data(), *a = pairs.a.data(), *b = pairs.b.data();
  const double* expected = pairs.expected.data();
  const double units = pairs.units;
  double* to = out.data();
  const std::size_t n = out.size();
#pragma GCC ivdep
  for (std::size_t i = 0; i < n; ++i) to[i] = formula(PairCounts{both[i], a[i], b[i], units}, expected[i]);
}

HWY_FLATTEN void pair_measures(const PairEvidence& pairs, const PairMeasureColumns& out) {
  fill(pairs, out.support, [](const PairCounts& n, double) HWY_ATTR { return support(n); });
  fill(pairs, out.confidence, [](const PairCounts& n, double) HWY_ATTR { return confidence(n); });
  fill(pairs, out.confidence_lower, [](const PairCounts& n, double) HWY_ATTR { return wilson_lower(n.both, n.a); });
  fill(pairs, out.lift, [](const PairCounts& n, double) HWY_ATTR { return lift(n); });
  fill(pairs, out.shrunk_lift,
       [](const PairCounts& n, double expected) HWY_ATTR { return shrunk_lift(n.both, expected, kLiftShrinkage); });
  fill(pairs, out.llr, [](const PairCounts& n, double) HWY_ATTR { return llr(n); });
  fill(pairs, out.npmi, [](const PairCounts& n, double) HWY_ATTR { return npmi(n); });
  fill(pairs, out.jaccard, [](const PairCounts& n, double) HWY_ATTR { return jaccard(n); });
  fill(pairs, out.cosine, [](const PairCounts& n, double) HWY_ATTR { return cosine(n); });
}

}  // namespace nextbest::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nextbest::cpu {

HWY_EXPORT(pair_measures);

void pair_measures(const PairEvidence& pairs, const PairMeasureColumns& out) {
  HWY_DYNAMIC_DISPATCH(pair_measures)(pairs, out);
}

}  // namespace nextbest::cpu
#endif
