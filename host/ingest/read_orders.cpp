#include "host/ingest/read_orders.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/ingest/discover.hpp"
#include "host/ingest/table_scan.hpp"
#include "kernels/core/error.hpp"
#include "kernels/core/nearest.hpp"

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
  OrderReader(const Job& job, BadRows& bad) : job_(job), bad_(bad) {}

  /// Returns the rows of the file. `progress` is told how much of the file is done, from 0 to 1.
  template <typename Progress>
  std::int64_t read_file(const FoundFile& file, const Progress& progress) {
    TableScan scan(file, job_.orders.format, bad_);
    scan.map(job_.orders.columns, kRead, "input.orders");
    fit_columns(file, scan);
    lines_.files.push_back({file.path, scan.reader().is_text(), lines_.lines(), {}});
    while (scan.next()) {
      throw_if_interrupted();
      append(scan, read_batch(scan));
      progress(scan.reader().fraction());
    }
    lines_.files.back().skipped_rows = scan.skipped_rows();
    return scan.rows();
  }

  RawLines take() { return std::move(lines_); }

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
    lines_.has_orders = scan.has("order_id");
    lines_.has_customers = scan.has("customer_id");
    lines_.money_is_of_line = !scan.has("unit_price") && scan.has("line_value");
    if (!lines_.has_orders && !lines_.has_customers) {
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
    scan.read("item_id",
              [&](const Cells& c, const OnBadCell& bad) { read_ids(c, false, lines_.items, batch.item, bad); });
    scan.read("order_id",
              [&](const Cells& c, const OnBadCell& bad) { read_ids(c, false, lines_.orders, batch.order, bad); });
    scan.read("customer_id",
              [&](const Cells& c, const OnBadCell& bad) { read_ids(c, true, lines_.customers, batch.customer, bad); });
    scan.read("ordered_at",
              [&](const Cells& c, const OnBadCell& bad) { read_times(c, job_.time_zone, false, batch.time, bad); });
    scan.read("quantity", [&](const Cells& c, const OnBadCell& bad) { read_amounts(c, false, batch.quantity, bad); });
    scan.read("returned_quantity",
              [&](const Cells& c, const OnBadCell& bad) { read_amounts(c, true, batch.returned, bad); });
    scan.read(lines_.money_is_of_line ? "line_value" : "unit_price",
              [&](const Cells& c, const OnBadCell& bad) { read_amounts(c, true, batch.money, bad); });
    scan.read("split", [&](const Cells& c, const OnBadCell& bad) { read_splits(c, batch.split, bad); });
    scan.read("item_name", [&](const Cells& c, const OnBadCell&) { read_texts(c, batch.name); });
    return batch;
  }

  void append(const TableScan& scan, const BatchColumns& batch) {
    const auto copy = [&](const auto& from, auto& to) {
      using Value = typename std::decay_t<decltype(to)>::value_type;
      for (std::size_t row = 0; row < from.size(); ++row) {
        if (!scan.is_bad(static_cast<std::int64_t>(row))) to.push_back(static_cast<Value>(from[row]));
      }
    };
    copy(batch.item, lines_.item);
    copy(batch.customer, lines_.customer);
    copy(batch.order, lines_.order);
    copy(batch.time, lines_.time);
    copy(batch.quantity, lines_.quantity);
    copy(batch.returned, lines_.returned);
    copy(batch.money, lines_.money);
    copy(batch.split, lines_.split);
    for (std::size_t row = 0; row < batch.name.size(); ++row) {
      if (!scan.is_bad(static_cast<std::int64_t>(row))) lines_.names.add(batch.item[row], batch.name[row]);
    }
    constexpr Offset kMostCodes = std::numeric_limits<Code>::max();
    if (lines_.items.size() > kMostCodes || lines_.customers.size() > kMostCodes) {
      throw DataError(fmt::format("{}: more than {} different items or customers; their codes have 32 bits",
                                  lines_.files.back().path, kMostCodes));
    }
  }

  const Job& job_;
  BadRows& bad_;
  RawLines lines_;
  std::vector<std::string> present_;
};

}  // namespace

RawLines read_orders(const Job& job, std::vector<InputFile>& inputs, BadRows& bad, Reporter& reporter) {
  const std::vector<FoundFile> files = find_files(job.orders.path, "[input.orders] path");
  std::int64_t bytes = 0, done = 0;
  for (std::size_t i = 0; i < files.size(); ++i) bytes += inputs[i].bytes;
  OrderReader reader(job, bad);
  for (std::size_t i = 0; i < files.size(); ++i) {
    inputs[i].rows = reader.read_file(files[i], [&](double fraction) {
      reporter.progress(done + static_cast<std::int64_t>(fraction * static_cast<double>(inputs[i].bytes)), bytes,
                        "bytes");
    });
    done += inputs[i].bytes;
  }
  RawLines lines = reader.take();
  if (lines.lines() == 0) {
    throw DataError(fmt::format("{}: there is no order line{}; check the file", files.front().path,
                                files.size() == 1 ? " under the header" : " in any of the files"));
  }
  lines.dropped.assign(static_cast<std::size_t>(lines.lines()), 0);
  return lines;
}

}  // namespace nextbest
