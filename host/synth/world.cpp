#include "host/synth/world.hpp"

#include <chrono>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "kernels/core/draws.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

/// Streams that are no customer's.
constexpr std::uint64_t kPlantStream = std::uint64_t{1} << 62;
constexpr std::uint64_t kPriceStream = kPlantStream + 1;
constexpr std::uint64_t kBulkStream = kPlantStream + 2;

constexpr std::int64_t kItemsPerCategory = 40;
constexpr std::int32_t kCategoriesPerDepartment = 12;

template <class Number>
void expect_range(const char* option, Number value, Number least, Number most) {
  if (value >= least && value <= most) return;
  throw UsageError(fmt::format("{} is {}; it must lie between {} and {}", option, value, least, most));
}

}  // namespace

void SynthParams::validate() const {
  expect_range<std::int64_t>("--lines", lines, 1, 100'000'000'000);
  expect_range<std::int64_t>("--items", items, 100, 100'000'000);
  expect_range<std::int64_t>("--customers", customers, 0, 2'000'000'000);
  expect_range<double>("--popularity-exponent", popularity_exponent, 0, 2);
  expect_range<int>("--days", days, 30, 3650);
  expect_range<int>("--threads", threads, 1, 4096);
}

World::World(const SynthParams& given) : params(given) {
  params.validate();
  customers = params.customers > 0 ? params.customers : std::max<std::int64_t>(1, params.lines / 50);
  using namespace std::chrono;
  end = duration_cast<microseconds>(sys_days{2026y / January / 1}.time_since_epoch()).count();
  begin = end - params.days * kMicrosPerDay;

  items.resize(static_cast<std::size_t>(params.items));
  cumulated.reserve(items.size());
  double sum = 0;
  for (std::size_t rank = 0; rank < items.size(); ++rank) {
    sum += std::pow(static_cast<double>(rank + 1), -params.popularity_exponent);
    cumulated.push_back(sum);
  }
  plant_roles();
  price_items();
}

/// Roles go to items of the upper quarter in popularity, where there is enough evidence to find them again.
void World::plant_roles() {
  Draws draws(params.seed, kPlantStream);
  std::vector<std::int64_t> ids(items.size());
  std::iota(ids.begin(), ids.end(), std::int64_t{100'001});
  draws.shuffle(ids);
  categories.resize(static_cast<std::size_t>((params.items + kItemsPerCategory - 1) / kItemsPerCategory));
  for (std::size_t rank = 0; rank < items.size(); ++rank) {
    items[rank].id = ids[rank];
    items[rank].category = static_cast<std::int32_t>(draws.below(static_cast<std::int64_t>(categories.size())));
  }
  std::vector<Code> pool(items.size() / 4);
  std::iota(pool.begin(), pool.end(), 0);
  draws.shuffle(pool);
  const auto take = [&](Role role) {
    const Code item = pool.back();
    pool.pop_back();
    items[item].role = role;
    return item;
  };
  const auto count = [&](std::int64_t share) { return std::max<std::int64_t>(1, params.items / share); };

  for (std::int64_t i = count(100); i > 0; --i) {
    const Code first = take(Role::kComplement);
    items[first].partner = take(Role::kComplement);
  }
  for (std::int64_t i = count(200); i > 0; --i) {
    const Code first = take(Role::kFollowUp);
    items[first].partner = take(Role::kFollowUp);
    items[first].days = static_cast<double>(5 + draws.below(40));
  }
  for (std::int64_t i = count(100); i > 0; --i) {
    const Code one = take(Role::kSubstitute), other = take(Role::kSubstitute);
    items[one].partner = other;
    items[other].partner = one;
    items[other].category = items[one].category;
  }
  for (std::int64_t i = count(100); i > 0; --i)
    items[take(Role::kCycle)].days = static_cast<double>(7 + draws.below(54));
  for (std::int64_t i = count(400); i > 0; --i) {
    ladders.push_back({take(Role::kLadder), take(Role::kLadder), take(Role::kLadder)});
    for (const Code item : ladders.back()) {
      items[item].ladder = static_cast<Code>(ladders.size()) - 1;
      items[item].category = items[ladders.back()[0]].category;
    }
  }
  for (std::int64_t i = count(50); i > 0; --i) {
    items[take(Role::kSeasonal)].days = static_cast<double>(draws.below(365));
  }
  for (std::size_t rank = 0; rank < items.size(); ++rank) {
    categories[items[rank].category].push_back(static_cast<Code>(rank));
  }
}

void World::price_items() {
  Draws draws(params.seed, kPriceStream);
  for (SynthItem& item : items) {
    item.price = std::max<std::int64_t>(49, std::llround(100 * std::exp(1.6 + draws.normal()) / 10) * 10 - 1);
  }
  for (const auto& tiers : ladders) {
    for (std::size_t tier = 1; tier < tiers.size(); ++tier) {
      items[tiers[tier]].price = items[tiers[tier - 1]].price * 8 / 5;
    }
  }
  for (SynthItem& item : items) {
    item.cost = std::llround(static_cast<double>(item.price) * (0.45 + 0.4 * draws.uniform()));
  }
}

bool World::is_bulk(std::int64_t customer) const {
  return philox_uniform(params.seed, kBulkStream, static_cast<std::uint64_t>(customer)) <= kBulkShare;
}

std::string World::department(std::int32_t category) const {
  return fmt::format("Department {:02}", category / kCategoriesPerDepartment + 1);
}

std::string World::category_name(std::int32_t category) const {
  return fmt::format("Category {:04}", category + 1);
}

}  // namespace nextbest
