#include "host/evaluate/scores.hpp"

#include <algorithm>

#include "host/evaluate/metrics.hpp"
#include "kernels/core/parallel.hpp"

namespace nextbest {
namespace {

constexpr std::int64_t kGrain = 256;

bool holds(std::span<const Code> sorted, Code item) {
  return std::binary_search(sorted.begin(), sorted.end(), item);
}

/// One customer's list against one class of targets.
struct Judged {
  std::vector<std::uint8_t> hit;
  Offset targets = 0;
};

void judge(std::span<const Code> list, std::span<const Code> targets, std::span<const Code> history, TargetClass wanted,
           Judged& out) {
  const auto counts = [&](Code item) {
    return wanted == TargetClass::kAll || holds(history, item) == (wanted == TargetClass::kRepeat);
  };
  out.targets = std::count_if(targets.begin(), targets.end(), counts);
  out.hit.assign(list.size(), 0);
  if (out.targets == 0) return;
  for (std::size_t place = 0; place < list.size() && list[place] != kNoCode; ++place)
    out.hit[place] = holds(targets, list[place]) && counts(list[place]);
}

void add_means(CustomerScores& scores) {
  scores.mean.assign(static_cast<std::size_t>(scores.columns()), 0.0);
  const Offset per_class = scores.columns() / static_cast<Offset>(scores.classes.size());
  for (std::size_t c = 0; c < scores.classes.size(); ++c) {
    double members = 0;
    for (Offset r = 0; r < scores.customers; ++r)
      members += scores.member[static_cast<std::size_t>(r) * scores.classes.size() + c];
    if (members == 0) continue;
    for (Offset j = 0; j < per_class; ++j) {
      const Offset column = static_cast<Offset>(c) * per_class + j;
      double sum = 0;
      for (Offset r = 0; r < scores.customers; ++r) sum += scores.value[r * scores.columns() + column];
      scores.mean[column] = sum / members;
    }
  }
}

void add_coverage(const EvaluationSet& set, const RankedLists& lists, CustomerScores& scores) {
  if (set.known_items == 0) return;
  for (std::size_t c = 0; c < scores.classes.size(); ++c)
    for (std::size_t n = 0; n < scores.cutoffs.size(); ++n) {
      std::vector<char> seen(static_cast<std::size_t>(set.targets.cols), 0);
      for (Offset r = 0; r < scores.customers; ++r) {
        if (!scores.member[static_cast<std::size_t>(r) * scores.classes.size() + c]) continue;
        for (Offset p = 0; p < std::min<Offset>(scores.cutoffs[n], lists.k); ++p)
          if (const Code item = lists.item[r * lists.k + p]; item != kNoCode) seen[item] = 1;
      }
      scores.coverage[c * scores.cutoffs.size() + n] =
          static_cast<double>(std::count(seen.begin(), seen.end(), 1)) / static_cast<double>(set.known_items);
    }
}

}  // namespace

std::string_view target_class_name(TargetClass wanted) {
  return wanted == TargetClass::kAll ? "all" : wanted == TargetClass::kNew ? "new" : "repeat";
}

std::vector<TargetClass> measured_classes(Targets targets) {
  if (targets == Targets::kNew) return {TargetClass::kNew};
  return {TargetClass::kAll, TargetClass::kNew, TargetClass::kRepeat};
}

Offset CustomerScores::columns() const {
  return static_cast<Offset>(classes.size() * cutoffs.size() * kListMetrics.size());
}

Offset CustomerScores::column(std::size_t of_class, std::size_t cutoff, std::size_t metric) const {
  return static_cast<Offset>((of_class * cutoffs.size() + cutoff) * kListMetrics.size() + metric);
}

CustomerScores score_lists(Context& ctx, const EvaluationSet& set, const RankedLists& lists,
                           const std::vector<TargetClass>& classes, const std::vector<int>& cutoffs) {
  CustomerScores out;
  out.classes = classes;
  out.cutoffs = cutoffs;
  out.customers = static_cast<Offset>(set.customer.size());
  out.value.assign(static_cast<std::size_t>(out.customers * out.columns()), 0.0F);
  out.member.assign(static_cast<std::size_t>(out.customers) * classes.size(), 0);
  out.coverage.assign(classes.size() * cutoffs.size(), 0.0);
  const CsrView<float> targets = set.targets.view(), history = set.history.view();
  parallel_for(ctx, out.customers, kGrain, [&](std::int64_t begin, std::int64_t end, int) {
    Judged judged;
    for (Offset r = begin; r < end; ++r)
      for (std::size_t c = 0; c < classes.size(); ++c) {
        const std::span<const Code> list(lists.item.data() + r * lists.k, static_cast<std::size_t>(lists.k));
        judge(list, targets.row(r), history.row(r), classes[c], judged);
        if (judged.targets == 0) continue;
        out.member[static_cast<std::size_t>(r) * classes.size() + c] = 1;
        for (std::size_t n = 0; n < cutoffs.size(); ++n) {
          const ListMetrics values = metrics_at(judged.hit, judged.targets, cutoffs[n]);
          std::copy(values.begin(), values.end(), out.value.begin() + r * out.columns() + out.column(c, n, 0));
        }
      }
  });
  add_means(out);
  add_coverage(set, lists, out);
  return out;
}

}  // namespace nextbest
