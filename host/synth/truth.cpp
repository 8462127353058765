#include "host/synth/truth.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "host/export/part_writer.hpp"
#include "host/store/atomic_file.hpp"

namespace nextbest {
namespace {

/// One Parquet file from chunks of rows.
class OneFile {
 public:
  OneFile(const std::filesystem::path& out_dir, const std::string& name)
      : path_(out_dir / name), part_(open_parquet_part(path_)) {
    file_.path = name;
  }
  void write(const Chunk& chunk) {
    const std::int64_t rows = rows_of(chunk);
    part_->write(chunk, 0, rows);
    file_.rows += rows;
  }
  WrittenFile finish() {
    part_->close();
    sync_file(path_);
    file_.bytes = static_cast<std::int64_t>(std::filesystem::file_size(path_));
    return file_;
  }

 private:
  std::filesystem::path path_;
  std::unique_ptr<PartWriter> part_;
  WrittenFile file_;
};

using Ids = std::vector<std::int64_t>;
using Numbers = std::vector<double>;

/// The items of a role that begin a pair (have a partner), or all of it.
template <class Use>
void for_role(const World& world, Role role, const Use& use) {
  for (const SynthItem& item : world.items) {
    if (item.role == role) use(item);
  }
}

Chunk complements(const World& world) {
  Ids item, complement;
  for_role(world, Role::kComplement, [&](const SynthItem& first) {
    if (first.partner == kNoCode) return;
    item.push_back(first.id);
    complement.push_back(world.items[first.partner].id);
  });
  const Numbers probability(item.size(), kComplementChance);
  return {{"item_id", item}, {"complement_id", complement}, {"probability", probability}};
}

Chunk follow_ups(const World& world) {
  Ids item, next;
  Numbers lag;
  for_role(world, Role::kFollowUp, [&](const SynthItem& first) {
    if (first.partner == kNoCode) return;
    item.push_back(first.id);
    next.push_back(world.items[first.partner].id);
    lag.push_back(first.days);
  });
  const Numbers probability(item.size(), kFollowUpChance);
  return {{"item_id", item}, {"next_item_id", next}, {"lag_days_median", lag}, {"probability", probability}};
}

Chunk substitutes(const World& world) {
  Ids item, other;
  for_role(world, Role::kSubstitute, [&](const SynthItem& one) {
    if (one.id > world.items[one.partner].id) return;  // every pair once
    item.push_back(one.id);
    other.push_back(world.items[one.partner].id);
  });
  return {{"item_id", item}, {"substitute_id", other}};
}

Chunk cycles(const World& world) {
  Ids item;
  Numbers days;
  for_role(world, Role::kCycle, [&](const SynthItem& one) {
    item.push_back(one.id);
    days.push_back(one.days);
  });
  return {{"item_id", item}, {"cycle_days", days}};
}

Chunk ladders(const World& world) {
  Ids ladder, tier, item;
  for (std::size_t l = 0; l < world.ladders.size(); ++l) {
    for (std::size_t t = 0; t < world.ladders[l].size(); ++t) {
      ladder.push_back(static_cast<std::int64_t>(l + 1));
      tier.push_back(static_cast<std::int64_t>(t + 1));
      item.push_back(world.items[world.ladders[l][t]].id);
    }
  }
  return {{"ladder", ladder}, {"tier", tier}, {"item_id", item}};
}

Chunk seasons(const World& world) {
  Ids item;
  Numbers peak;
  for_role(world, Role::kSeasonal, [&](const SynthItem& one) {
    item.push_back(one.id);
    peak.push_back(one.days);
  });
  return {{"item_id", item}, {"peak_day_of_year", peak}};
}

Chunk bulk_customers(const World& world) {
  Ids customer;
  for (std::int64_t c = 0; c < world.customers; ++c) {
    if (world.is_bulk(c)) customer.push_back(c + 1);
  }
  return {{"customer_id", customer}};
}

}  // namespace

WrittenFile write_synth_items(const World& world, const std::filesystem::path& out_dir) {
  std::vector<Code> by_id(world.items.size());
  std::iota(by_id.begin(), by_id.end(), 0);
  std::sort(by_id.begin(), by_id.end(), [&](Code a, Code b) { return world.items[a].id < world.items[b].id; });
  OneFile file(out_dir, "items.parquet");
  for (std::size_t begin = 0; begin < by_id.size(); begin += kSliceRows) {
    Ids id;
    std::vector<std::string> name, department, category, brand;
    Numbers price, cost;
    for (std::size_t i = begin; i < std::min(by_id.size(), begin + kSliceRows); ++i) {
      const SynthItem& item = world.items[by_id[i]];
      id.push_back(item.id);
      name.push_back(fmt::format("Item {}", item.id));
      department.push_back(world.department(item.category));
      category.push_back(world.category_name(item.category));
      brand.push_back(fmt::format("Brand {:03}", item.id * 7919 % 211));
      price.push_back(static_cast<double>(item.price) / 100);
      cost.push_back(static_cast<double>(item.cost) / 100);
    }
    file.write({{"item_id", id},
                {"name", name},
                {"department", department},
                {"category", category},
                {"brand", brand},
                {"price", price},
                {"cost", cost}});
  }
  return file.finish();
}

std::vector<WrittenFile> write_synth_truth(const World& world, const std::filesystem::path& out_dir,
                                           SynthReport& report) {
  std::vector<WrittenFile> files;
  const auto write = [&](const char* name, const Chunk& chunk) {
    OneFile file(out_dir, fmt::format("truth/{}.parquet", name));
    file.write(chunk);
    files.push_back(file.finish());
    return files.back().rows;
  };
  make_directories(out_dir / "truth");
  report.complements = write("complements", complements(world));
  report.follow_ups = write("follow_ups", follow_ups(world));
  report.substitutes = write("substitutes", substitutes(world));
  report.cycles = write("cycles", cycles(world));
  write("ladders", ladders(world));
  report.ladders = static_cast<std::int64_t>(world.ladders.size());
  write("seasons", seasons(world));
  write("bulk_customers", bulk_customers(world));
  sync_directory(out_dir / "truth");
  return files;
}

}  // namespace nextbest
