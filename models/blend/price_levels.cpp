#include "models/blend/price_levels.hpp"

#include <algorithm>
#include <cmath>

#include "models/blend/feature_scale.hpp"

namespace nextbest {
namespace {

constexpr std::array kNames = {"level", "relation", "rank", "taste"};

}  // namespace

PriceLevels::PriceLevels(const HistoryView& learnt) {
  if (std::none_of(learnt.price.begin(), learnt.price.end(), [](float price) { return price > 0; })) return;
  const auto kind = [&](Offset item) { return learnt.category.empty() ? 0 : learnt.category[item] + 1; };
  const Code kinds =
      learnt.category.empty() ? 1 : *std::max_element(learnt.category.begin(), learnt.category.end()) + 2;
  std::vector<double> sum(kinds, 0.0), items(kinds, 0.0);
  for (Offset i = 0; i < learnt.items; ++i) {
    if (!(learnt.price[i] > 0)) continue;
    sum[kind(i)] += std::log(learnt.price[i]);
    ++items[kind(i)];
  }
  level_.assign(learnt.items, kUnknown);
  rank_ = level_;
  for (Offset i = 0; i < learnt.items; ++i) {
    if (!(learnt.price[i] > 0)) continue;
    const double level = std::log(learnt.price[i]);
    level_[i] = coarse(level, 0.25);
    rank_[i] = coarse(level - sum[kind(i)] / items[kind(i)], 0.125);
  }
}

std::span<const char* const> PriceLevels::features() const {
  return level_.empty() ? std::span<const char* const>{} : kNames;
}

PriceLevels::Taste PriceLevels::taste_of(const OwnHistory& own) const {
  if (level_.empty()) return {};
  std::vector<std::pair<float, int>> paid;
  double rank = 0;
  int lines = 0;
  for (const Own& bought : own.items) {
    if (level_[bought.item] == kUnknown) continue;
    paid.emplace_back(level_[bought.item], bought.count);
    rank += static_cast<double>(rank_[bought.item]) * bought.count;
    lines += bought.count;
  }
  if (lines == 0) return {};
  std::sort(paid.begin(), paid.end());
  auto middle = paid.begin();
  for (int below = middle->second; 2 * below < lines; below += middle->second) ++middle;
  return {middle->first, static_cast<float>(rank / lines)};
}

void PriceLevels::fill(const Taste& taste, Code item, float* out) const {
  if (level_.empty()) return;
  std::fill_n(out, kNames.size(), 0.0F);
  if (level_[item] == kUnknown) return;
  out[0] = level_[item];
  out[1] = level_[item] - taste.level;
  out[2] = rank_[item];
  out[3] = rank_[item] - taste.rank;
}

}  // namespace nextbest
