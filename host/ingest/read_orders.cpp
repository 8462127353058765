#include "host/ingest/read_orders.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <mutex>
#include <shared_mutex>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/ingest/discover.hpp"
#include "host/ingest/ingest_bytes.hpp"
#include "host/ingest/order_batch.hpp"
#include "host/ingest/time_zone.hpp"
#include "host/ingest/turns.hpp"
#include "kernels/core/error.hpp"
#include "kernels/core/nearest.hpp"
#include "kernels/core/parallel.hpp"

namespace nextbest {
namespace {

const std::vector<std::string> kRead = {"order_id",   "customer_id", "item_id",           "ordered_at", "quantity",
                                        "unit_price", "line_value",  "returned_quantity", "item_name",  "split"};

/// Where batches pass in their order. Ids get their numbers there, and lines theirs.
enum Station { kItems, kOrders, kCustomers, kAccount, kStations };

class OrderReader {
 public:
  OrderReader(const Job& job, const IngestOptions& options, LineRules& rules, std::size_t files, BadRows& bad)
      : job_(job), rules_(rules), files_(files), bad_(bad) {
    ctx_.threads = options.threads;
    max_bytes_ = options.max_bytes;
    lines_.store = std::make_unique<LineStore>(options.spill_folder);
  }

  /// Returns the rows of the file. `progress` is told how much of the file is done, from 0 to 1.
  template <typename Progress>
  std::int64_t read_file(const FoundFile& file, const Progress& progress) {
    TableScan scan(file, job_.orders.format, bad_);
    scan.map(job_.orders.columns, kRead, "input.orders");
    fit_columns(file, scan);
    lines_.files.push_back({file.path, scan.reader().is_text(), lines_.lines, {}});
    rules_.start_file(lines_, lines_.files.size() - 1, files_);
    Turns<kStations> turns;
    on_every_thread(ctx_, [&](int) {
      OrderBatch batch;
      try {
        while (scan.take(batch.scanned) && pass(scan, turns, batch)) {
          progress(batch.scanned.fraction);
          turns.leave(kAccount);
          batch.scanned.cells.reset();
          fill(batch);
        }
      } catch (...) {
        turns.give_up();
        throw;
      }
    });
    lines_.files.back().skipped_rows = scan.skipped_rows();
    return scan.rows();
  }

  RawLines take() {
    rules_.finish(lines_);
    return std::move(lines_);
  }

 private:
  /// The first file decides which columns there are; every other one must have them too.
  void fit_columns(const FoundFile& file, const TableScan& scan) {
    std::vector<std::string> present;
    for (const std::string& ours : kRead) {
      if (scan.has(ours)) present.push_back(ours);
    }
    if (!lines_.files.empty()) {
      if (present == present_) return;
      throw DataError(
          fmt::format("{}: the file has the columns {}, while {} has {}; name the same columns in "
                      "[input.orders.columns] or read the files apart",
                      file.path, quoted_list(present), lines_.files.front().path, quoted_list(present_)));
    }
    present_ = present;
    LineColumns& has = lines_.has;
    has = {scan.has("customer_id"),
           scan.has("order_id"),
           scan.has("ordered_at"),
           scan.has("quantity"),
           scan.has("unit_price") || scan.has("line_value"),
           scan.has("split"),
           !scan.has("unit_price") && scan.has("line_value")};
    if (!has.orders && !has.customers) {
      std::vector<std::string> names;
      for (const TableColumn& column : scan.reader().columns()) names.push_back(column.name);
      throw DataError(
          fmt::format("{}: neither order_id nor customer_id is there; set one of them in "
                      "[input.orders.columns]. The file has {}",
                      file.path, quoted_list(names)));
    }
  }

  /// Reads the columns of a batch and takes it through the stations; it then has to leave the last one. False: given
  /// up.
  bool pass(TableScan& scan, Turns<kStations>& turns, OrderBatch& batch) {
    batch.clear();
    batch.guarded([&] { read_values(scan, batch); });
    const std::ptrdiff_t values = std::ssize(batch.scanned.columns);
    const auto number = [&](Station station, const char* ours, IdEncoder& ids, std::vector<Offset>& codes,
                            Offset& known, const auto& learn) {
      if (!turns.wait(station, batch.scanned.number)) return false;
      batch.guarded([&] {
        scan.read(batch.scanned, {ours, [&](const Cells& cells, const OnBadCell& bad) {
                                    read_ids(cells, station == kCustomers, ids, codes, bad);
                                  }});
        known = ids.size();
        const std::unique_lock alone(growing_);
        learn();
      });
      turns.leave(station);
      return true;
    };
    const bool passed =
        number(kItems, "item_id", lines_.items, batch.item, batch.items, [&] { rules_.learn_items(lines_.items); }) &&
        number(kOrders, "order_id", lines_.orders, batch.order, batch.orders,
               [&] { rules_.learn_orders(lines_.orders); }) &&
        number(kCustomers, "customer_id", lines_.customers, batch.customer, batch.customers, [&] {
          rules_.learn_customers(lines_.customers);
          lines_.lines_of_customer.resize(static_cast<std::size_t>(lines_.customers.size()));
        });
    if (!passed || !turns.wait(kAccount, batch.scanned.number)) return false;
    throw_if_interrupted();
    // Bad cells of ids are told first.
    auto& columns = batch.scanned.columns;
    std::rotate(columns.begin(), columns.begin() + values, columns.end());
    scan.settle(batch.scanned);
    account(batch);
    return true;
  }

  void read_values(const TableScan& scan, OrderBatch& batch) const {
    const auto read = [&](const char* ours, ColumnRead::Read with) {
      scan.read(batch.scanned, {ours, std::move(with)});
    };
    const auto amounts = [&](const char* ours, bool missing_allowed, std::vector<std::int64_t>& values) {
      read(ours, [&](const Cells& cells, const OnBadCell& bad) { read_amounts(cells, missing_allowed, values, bad); });
    };
    read("ordered_at",
         [&](const Cells& cells, const OnBadCell& bad) { read_times(cells, job_.time_zone, false, batch.time, bad); });
    amounts("quantity", false, batch.quantity);
    amounts("returned_quantity", true, batch.returned);
    amounts(lines_.has.money_is_of_line ? "line_value" : "unit_price", true, batch.money);
    read("split", [&](const Cells& cells, const OnBadCell& bad) { read_splits(cells, batch.split, bad); });
    read("item_name", [&](const Cells& cells, const OnBadCell&) { read_texts(cells, batch.name); });
    if (!lines_.has.orders && lines_.has.times) batch.order = days_of(batch.time);
  }

  /// Where there are no order ids, days stand in for them: the wall clock of the job's time zone decides.
  std::vector<Offset> days_of(std::vector<Micros> times) const {
    utc_to_local(times, job_.time_zone);
    for (Micros& time : times) time = day_of(time);
    return times;
  }

  /// Numbers the lines of a batch and makes room for them.
  void account(OrderBatch& batch) {
    constexpr Offset kMostCodes = std::numeric_limits<Code>::max();
    if (batch.items > kMostCodes || batch.customers > kMostCodes) {
      throw DataError(fmt::format("{}: more than {} different items or customers; their codes have 32 bits",
                                  lines_.files.back().path, kMostCodes));
    }
    for (std::int64_t row = 0; row < batch.scanned.rows(); ++row) {
      if (!batch.scanned.is_bad(row)) batch.rows.push_back(row);
    }
    for (std::size_t i = 0; i < batch.rows.size() && !batch.name.empty(); ++i)
      lines_.names.add(batch.item[batch.rows[i]], batch.name[batch.rows[i]]);
    const auto count = static_cast<std::int64_t>(batch.rows.size());
    batch.first_line = lines_.lines;
    lines_.lines += count;
    const std::unique_lock alone(growing_);
    batch.first_chunk = lines_.chunks.size();
    lines_.chunks.resize(batch.first_chunk +
                         static_cast<std::size_t>((count + LineStore::kChunkLines - 1) / LineStore::kChunkLines));
    spill_if_needed(batch);
  }

  /// Lines that memory would not hold to the end wait in a file.
  void spill_if_needed(const OrderBatch& batch) {
    IngestSize size;
    size.lines = lines_.lines;
    size.ids = batch.items + batch.customers + batch.orders;
    size.baskets = batch.orders;
    size.threads = ctx_.threads;
    size.text = lines_.files.back().is_text;
    if (max_bytes_ == 0 || ingest_bytes(size).in_memory <= max_bytes_) return;
    lines_.store->limit(std::min(kSpillWindow, max_bytes_ / 8));
    max_bytes_ = 0;
  }

  /// Makes the lines of a batch that was accounted for.
  void fill(const OrderBatch& batch) {
    LineTally tally;
    std::size_t chunk = batch.first_chunk;
    for (std::size_t first = 0; first < batch.rows.size(); first += LineStore::kChunkLines) {
      const std::size_t count = std::min<std::size_t>(LineStore::kChunkLines, batch.rows.size() - first);
      const std::shared_lock together(growing_);
      lines_.chunks[chunk++] = fill_chunk(batch, first, count, tally);
    }
    const std::lock_guard lock(tally_mutex_);
    lines_.tally.add(tally);
  }

  LineChunk fill_chunk(const OrderBatch& batch, std::size_t first, std::size_t count, LineTally& all) {
    Line* lines = lines_.store->open();
    std::array<std::int64_t, LineStore::kChunkLines> returned;
    for (std::size_t i = 0; i < count; ++i) {
      const std::int64_t row = batch.rows[first + i];
      Line& line = lines[i];  // in place: a copy of what was just written would have to wait for it
      line = Line{};
      line.item = static_cast<Code>(batch.item[row]);
      if (!batch.customer.empty()) line.customer = static_cast<Code>(batch.customer[row]);
      if (!batch.order.empty()) line.order = batch.order[row];
      if (!batch.time.empty()) line.time = batch.time[row];
      if (!batch.quantity.empty()) line.quantity = batch.quantity[row];
      if (!batch.money.empty()) line.money = batch.money[row];
      if (!batch.split.empty()) line.split_code = static_cast<std::uint64_t>(batch.split[row]);
      if (!batch.returned.empty()) returned[i] = batch.returned[row];
      line.number = static_cast<std::uint64_t>(batch.first_line) + first + i;
    }
    const std::span<Line> filled(lines, count);
    all.add(rules_.apply(filled, {returned.data(), batch.returned.empty() ? 0 : count}));
    count_customers(filled);
    return lines_.store->put(lines, static_cast<std::int64_t>(count));
  }

  /// How many lines each customer will have when lines are parted.
  void count_customers(std::span<const Line> lines) {
    std::int64_t anonymous = 0;
    for (std::size_t begin = 0, end = 0; begin < lines.size(); begin = end) {
      std::int64_t kept = 0;
      while (end < lines.size() && lines[end].customer == lines[begin].customer)
        kept += is_parted(lines_, lines[end++]);
      if (lines[begin].customer == kNoCode) {
        anonymous += kept;
      } else {
        std::atomic_ref(lines_.lines_of_customer[lines[begin].customer]).fetch_add(kept, std::memory_order_relaxed);
      }
    }
    std::atomic_ref(lines_.anonymous_lines).fetch_add(anonymous, std::memory_order_relaxed);
  }

  const Job& job_;
  LineRules& rules_;
  std::size_t files_;
  BadRows& bad_;
  Context ctx_;
  std::int64_t max_bytes_ = 0;
  RawLines lines_;
  std::shared_mutex growing_;  ///< what has an entry per id or chunk grows alone, and is used together
  std::mutex tally_mutex_;
  std::vector<std::string> present_;
};

}  // namespace

RawLines read_orders(const Job& job, const IngestOptions& options, LineRules& rules, std::vector<InputFile>& inputs,
                     BadRows& bad, Reporter& reporter) {
  const std::vector<FoundFile> files = find_files(job.orders.path, "[input.orders] path");
  std::int64_t bytes = 0, done = 0;
  for (std::size_t i = 0; i < files.size(); ++i) bytes += inputs[i].bytes;
  OrderReader reader(job, options, rules, files.size(), bad);
  for (std::size_t i = 0; i < files.size(); ++i) {
    inputs[i].rows = reader.read_file(files[i], [&](double fraction) {
      reporter.progress(done + static_cast<std::int64_t>(fraction * static_cast<double>(inputs[i].bytes)), bytes,
                        "bytes");
    });
    done += inputs[i].bytes;
  }
  RawLines lines = reader.take();
  if (lines.lines == 0) {
    throw DataError(fmt::format("{}: there is no order line{}; check the file", files.front().path,
                                files.size() == 1 ? " under the header" : " in any of the files"));
  }
  return lines;
}

}  // namespace nextbest
