#include "host/ingest/read_orders.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/ingest/discover.hpp"
#include "host/ingest/ingest_bytes.hpp"
#include "host/ingest/table_scan.hpp"
#include "host/ingest/time_zone.hpp"
#include "kernels/core/error.hpp"
#include "kernels/core/nearest.hpp"
#include "kernels/core/parallel.hpp"

namespace nextbest {
namespace {

const std::vector<std::string> kRead = {"order_id",   "customer_id", "item_id",           "ordered_at", "quantity",
                                        "unit_price", "line_value",  "returned_quantity", "item_name",  "split"};

/// The columns of one batch, before its bad rows are left out.
struct BatchColumns {
  std::vector<Offset> item, customer, order;
  std::vector<Micros> time;
  std::vector<std::int64_t> quantity, returned, money;
  std::vector<Split> split;
  std::vector<std::string> name;
};

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
    while (scan.next()) {
      throw_if_interrupted();
      append(scan, read_batch(scan));
      progress(scan.reader().fraction());
    }
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

  BatchColumns read_batch(TableScan& scan) {
    BatchColumns batch;
    const auto ids = [](bool missing_allowed, IdEncoder& encoder, std::vector<Offset>& codes) {
      return [=, &encoder, &codes](const Cells& cells, const OnBadCell& bad) {
        read_ids(cells, missing_allowed, encoder, codes, bad);
      };
    };
    const auto amounts = [](bool missing_allowed, std::vector<std::int64_t>& values) {
      return
          [=, &values](const Cells& cells, const OnBadCell& bad) { read_amounts(cells, missing_allowed, values, bad); };
    };
    scan.read(ctx_,
              {{"item_id", ids(false, lines_.items, batch.item)},
               {"order_id", ids(false, lines_.orders, batch.order)},
               {"customer_id", ids(true, lines_.customers, batch.customer)},
               {"ordered_at", [&](const Cells& cells,
                                  const OnBadCell& bad) { read_times(cells, job_.time_zone, false, batch.time, bad); }},
               {"quantity", amounts(false, batch.quantity)},
               {"returned_quantity", amounts(true, batch.returned)},
               {lines_.has.money_is_of_line ? "line_value" : "unit_price", amounts(true, batch.money)},
               {"split", [&](const Cells& cells, const OnBadCell& bad) { read_splits(cells, batch.split, bad); }},
               {"item_name", [&](const Cells& cells, const OnBadCell&) { read_texts(cells, batch.name); }}});
    if (!lines_.has.orders && lines_.has.times) batch.order = days_of(batch.time);
    return batch;
  }

  /// Where there are no order ids, days stand in for them: the wall clock of the job's time zone decides.
  std::vector<Offset> days_of(std::vector<Micros> times) const {
    utc_to_local(times, job_.time_zone);
    for (Micros& time : times) time = day_of(time);
    return times;
  }

  void append(const TableScan& scan, const BatchColumns& batch) {
    constexpr Offset kMostCodes = std::numeric_limits<Code>::max();
    if (lines_.items.size() > kMostCodes || lines_.customers.size() > kMostCodes) {
      throw DataError(fmt::format("{}: more than {} different items or customers; their codes have 32 bits",
                                  lines_.files.back().path, kMostCodes));
    }
    std::vector<std::int64_t> rows;
    for (std::int64_t row = 0; row < scan.batch_rows(); ++row) {
      if (!scan.is_bad(row)) rows.push_back(row);
    }
    for (std::size_t i = 0; i < rows.size() && !batch.name.empty(); ++i)
      lines_.names.add(batch.item[rows[i]], batch.name[rows[i]]);
    lines_.lines_of_customer.resize(static_cast<std::size_t>(lines_.customers.size()));
    rules_.prepare(lines_, lines_.files.size() - 1, files_);

    const std::size_t first_chunk = lines_.chunks.size();
    const auto count = static_cast<std::int64_t>(rows.size());
    const std::int64_t chunks = (count + LineStore::kChunkLines - 1) / LineStore::kChunkLines;
    lines_.chunks.resize(first_chunk + static_cast<std::size_t>(chunks));
    std::vector<LineTally> tallies(static_cast<std::size_t>(chunks));
    parallel_for(ctx_, chunks, 8, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t chunk = begin; chunk < end; ++chunk) {
        const std::int64_t first = chunk * LineStore::kChunkLines;
        const std::span<const std::int64_t> some(
            rows.data() + first, static_cast<std::size_t>(std::min(LineStore::kChunkLines, count - first)));
        lines_.chunks[first_chunk + chunk] = fill_chunk(batch, some, lines_.lines + first, tallies[chunk]);
      }
    });
    for (const LineTally& tally : tallies) lines_.tally.add(tally);
    lines_.lines += count;
    spill_if_needed();
  }

  /// Lines that memory would not hold to the end wait in a file.
  void spill_if_needed() {
    IngestSize size;
    size.lines = lines_.lines;
    size.ids = lines_.items.size() + lines_.customers.size() + lines_.orders.size();
    size.baskets = lines_.orders.size();
    size.threads = ctx_.threads;
    if (max_bytes_ == 0 || ingest_bytes(size).in_memory <= max_bytes_) return;
    lines_.store->limit(std::min(kSpillWindow, max_bytes_ / 8));
    max_bytes_ = 0;
  }

  LineChunk fill_chunk(const BatchColumns& batch, std::span<const std::int64_t> rows, std::int64_t first_number,
                       LineTally& tally) {
    Line* lines = lines_.store->open();
    std::array<std::int64_t, LineStore::kChunkLines> returned;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::int64_t row = rows[i];
      Line line;
      line.item = static_cast<Code>(batch.item[row]);
      if (!batch.customer.empty()) line.customer = static_cast<Code>(batch.customer[row]);
      if (!batch.order.empty()) line.order = batch.order[row];
      if (!batch.time.empty()) line.time = batch.time[row];
      if (!batch.quantity.empty()) line.quantity = batch.quantity[row];
      if (!batch.money.empty()) line.money = batch.money[row];
      if (!batch.split.empty()) line.split_code = static_cast<std::uint64_t>(batch.split[row]);
      if (!batch.returned.empty()) returned[i] = batch.returned[row];
      line.number = static_cast<std::uint64_t>(first_number) + i;
      lines[i] = line;
    }
    const std::span<Line> filled(lines, rows.size());
    tally = rules_.apply(filled, {returned.data(), batch.returned.empty() ? 0 : rows.size()});
    count_customers(filled);
    return lines_.store->put(lines, static_cast<std::int64_t>(rows.size()));
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
