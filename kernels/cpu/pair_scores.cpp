#include "kernels/cpu/pair_scores.hpp"

#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/pair_scores.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu::HWY_NAMESPACE {

// One plain loop per measure, which the compiler turns into the vectors of this target.
template <Measure measure>
HWY_FLATTEN void fill(const RowScores& row, const double* both, const double* b, const double* extra, std::size_t n,
                      float* score) {
  const double a = row.a, units = row.units, shrinkage = row.shrinkage;
  for (std::size_t i = 0; i < n; ++i) {
    const double of_pair = measure == Measure::kShrunkLift ? extra[i] : 0;
    score[i] = static_cast<float>(association(measure, {both[i], a, b[i], units}, of_pair, shrinkage));
  }
}

HWY_FLATTEN void fill_llr(const RowScores& row, const double* both, const double* b, const double* margin,
                          std::size_t n, float* score) {
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  const double a = row.a, units = row.units, of_row = row.margin, all = row.all;
  for (std::size_t i = 0; i < n; ++i) {
    const PairCounts counts{both[i], a, b[i], units};
    const auto root = static_cast<float>(std::sqrt(llr(counts, of_row, margin[i], all)));
    score[i] = positively_associated(counts) ? root : kNever;
  }
}

void pair_scores(const RowScores& row, const double* both, const double* b, const double* extra, std::size_t n,
                 float* score) {
  switch (row.measure) {
    case Measure::kLlr:
      return fill_llr(row, both, b, extra, n, score);
    case Measure::kLift:
      return fill<Measure::kLift>(row, both, b, extra, n, score);
    case Measure::kShrunkLift:
      return fill<Measure::kShrunkLift>(row, both, b, extra, n, score);
    case Measure::kNpmi:
      return fill<Measure::kNpmi>(row, both, b, extra, n, score);
    case Measure::kJaccard:
      return fill<Measure::kJaccard>(row, both, b, extra, n, score);
    case Measure::kCosine:
      return fill<Measure::kCosine>(row, both, b, extra, n, score);
    case Measure::kConfidence:
      return fill<Measure::kConfidence>(row, both, b, extra, n, score);
    case Measure::kCount:
      return fill<Measure::kCount>(row, both, b, extra, n, score);
  }
}

}  // namespace nextbest::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nextbest::cpu {

HWY_EXPORT(pair_scores);

void pair_scores(const RowScores& row, const double* both, const double* b, const double* extra, std::size_t n,
                 float* score) {
  HWY_DYNAMIC_DISPATCH(pair_scores)(row, both, b, extra, n, score);
}

}  // namespace nextbest::cpu
#endif
