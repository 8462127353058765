#include "models/blend/grouping.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/math/decay.hpp"
#include "models/blend/feature_scale.hpp"

namespace nextbest {
namespace {

constexpr double kPriorLines = 5;

}  // namespace

Grouping::Grouping(std::string name, std::span<const Code> group, std::span<const std::int64_t> orders)
    : name_(std::move(name)), group_(group.begin(), group.end()), lead_(group.size(), 0.0F) {
  const Code groups = group_.empty() ? 0 : *std::max_element(group_.begin(), group_.end()) + 1;
  std::vector<double> sold(groups, 0.0);
  double all = 0;
  for (std::size_t i = 0; i < group_.size(); ++i) {
    all += static_cast<double>(orders[i]);
    if (group_[i] != kNoCode) sold[group_[i]] += static_cast<double>(orders[i]);
  }
  for (std::size_t i = 0; i < group_.size(); ++i)
    if (group_[i] != kNoCode && orders[i] > 0)
      lead_[i] = coarse(static_cast<double>(orders[i]) / sold[group_[i]], 0.05);
  for (const double lines_of : sold) share_.push_back(all > 0 ? lines_of / all : 0);
}

std::vector<Grouping::OwnGroup> Grouping::groups_of(const OwnHistory& own) const {
  std::vector<OwnGroup> groups;
  for (const Own& bought : own.items)
    if (const Code group = group_[bought.item]; group != kNoCode)
      groups.push_back({group, bought.count, 1, bought.last});
  std::sort(groups.begin(), groups.end(), [](const OwnGroup& x, const OwnGroup& y) { return x.group < y.group; });
  std::size_t kept = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (kept == 0 || groups[kept - 1].group != groups[g].group) {
      groups[kept++] = groups[g];
      continue;
    }
    OwnGroup& whole = groups[kept - 1];
    whole.lines += groups[g].lines;
    ++whole.items;
    whole.last = std::max(whole.last, groups[g].last);
  }
  groups.resize(kept);
  return groups;
}

void Grouping::fill(const OwnHistory& own, std::span<const OwnGroup> groups, Code item, float* out) const {
  std::fill_n(out, kFeatures.size(), 0.0F);
  out[2] = log1p(kMissingDays);
  const Code group = group_[item];
  if (group == kNoCode) return;
  const auto at =
      std::lower_bound(groups.begin(), groups.end(), group, [](const OwnGroup& o, Code g) { return o.group < g; });
  const bool bought = at != groups.end() && at->group == group;
  const double lines = bought ? at->lines : 0, all = static_cast<double>(own.lines);
  out[0] = static_cast<float>(all > 0 ? lines / all : 0);
  if (share_[group] > 0)
    out[1] = static_cast<float>(std::log((lines + kPriorLines * share_[group]) / (all + kPriorLines) / share_[group]));
  if (bought) {
    const Own* candidate = own.find(item);
    out[2] = log1p(days_between(at->last, own.now));
    out[3] = log1p(at->items);
    out[4] = static_cast<float>(candidate ? candidate->count / lines : 0);
  }
  out[5] = lead_[item];
}

}  // namespace nextbest
