#include "host/synth/synth.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/export/table.hpp"
#include "host/store/atomic_file.hpp"
#include "host/synth/customer.hpp"
#include "host/synth/truth.hpp"
#include "kernels/core/parallel.hpp"

namespace nextbest {
namespace {

/// Lines of one block of customers, about; blocks are made in parallel and written one after the other.
constexpr double kLinesPerBlock = 50'000;
constexpr std::int64_t kBlocksAtOnce = 16;
constexpr std::int64_t kOrdersPerCustomer = 10'000'000;  ///< order_id = (customer + 1) * this + number

/// The lines of some customers as columns of the orders table.
struct OrderRows {
  std::vector<std::int64_t> order, customer, item, time, returned;
  std::vector<std::int32_t> quantity, gift;
  std::vector<double> price;
  std::int64_t orders = 0;

  void add(const World& world, std::int64_t who, const std::vector<SynthOrder>& life) {
    const auto order_id = [who](std::int64_t number) { return (who + 1) * kOrdersPerCustomer + number + 1; };
    for (std::size_t number = 0; number < life.size(); ++number) {
      const SynthOrder& one = life[number];
      for (const SynthLine& line : one.lines) {
        order.push_back(order_id(static_cast<std::int64_t>(number)));
        customer.push_back(who + 1);
        item.push_back(world.items[line.item].id);
        time.push_back(one.time);
        quantity.push_back(line.quantity);
        price.push_back(static_cast<double>(line.price) / 100);
        gift.push_back(one.gift ? 1 : 0);
        returned.push_back(one.returns < 0 ? kNoTime : order_id(one.returns));
      }
    }
    orders += static_cast<std::int64_t>(life.size());
  }

  Chunk take() {
    return {{"order_id", std::move(order)},    {"customer_id", std::move(customer)},
            {"item_id", std::move(item)},      {"ordered_at", TimeColumn{std::move(time)}},
            {"quantity", std::move(quantity)}, {"unit_price", std::move(price)},
            {"is_gift", std::move(gift)},      {"returned_order_id", std::move(returned)}};
  }
};

std::vector<WrittenFile> write_orders(const World& world, const std::filesystem::path& out_dir, SynthReport& report,
                                      Reporter& reporter) {
  const std::unique_ptr<TableWriter> writer = make_table_writer(out_dir, "orders", TableFormat::kParquet);
  const double visit_scale = calibrate_visits(world);
  const double mean = static_cast<double>(world.params.lines) / static_cast<double>(world.customers);
  const auto block = std::max<std::int64_t>(1, static_cast<std::int64_t>(kLinesPerBlock / mean));
  Context ctx;
  ctx.threads = world.params.threads;
  for (std::int64_t begin = 0; begin < world.customers; begin += kBlocksAtOnce * block) {
    throw_if_interrupted();
    const std::int64_t end = std::min(world.customers, begin + kBlocksAtOnce * block);
    std::vector<OrderRows> rows(static_cast<std::size_t>((end - begin + block - 1) / block));
    parallel_for(ctx, end - begin, block, [&](std::int64_t from, std::int64_t to, int) {
      for (std::int64_t c = begin + from; c < begin + to; ++c) {
        rows[static_cast<std::size_t>(from / block)].add(world, c, synth_customer(world, c, visit_scale));
      }
    });
    for (OrderRows& some : rows) {
      report.lines += static_cast<std::int64_t>(some.order.size());
      report.orders += some.orders;
      writer->write(some.take());
    }
    reporter.progress(end, world.customers, "customers");
  }
  return writer->finish();
}

/// A TOML string: paths may hold quotes and backslashes, which JSON escapes in the same way.
std::string quoted(const std::filesystem::path& path) {
  return nlohmann::json(path.string()).dump();
}

void write_job(const std::filesystem::path& out_dir) {
  replace_file(out_dir / "job.toml", fmt::format(R"(schema_version = 1

[job]
name = "synth"
out_dir = {}

[input.orders]
path = {}

[input.items]
path = {}
[input.items.columns]
category = ["department", "category"]
)",
                                                 quoted(out_dir / "out"), quoted(out_dir / "orders" / "*.parquet"),
                                                 quoted(out_dir / "items.parquet")));
}

}  // namespace

SynthReport write_synth(const SynthParams& params, const std::filesystem::path& out_dir, Reporter& reporter) {
  const World world(params);
  make_directories(out_dir);
  SynthReport report;
  report.items = params.items;
  report.customers = world.customers;
  std::vector<WrittenFile> files = write_synth_truth(world, out_dir, report);
  files.push_back(write_synth_items(world, out_dir));
  for (WrittenFile& file : write_orders(world, out_dir, report, reporter)) files.push_back(std::move(file));
  write_job(out_dir);
  report.files = static_cast<std::int64_t>(files.size()) + 1;
  for (const WrittenFile& file : files) report.bytes += file.bytes;
  return report;
}

}  // namespace nextbest
