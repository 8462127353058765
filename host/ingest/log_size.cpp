#include "host/ingest/log_size.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>

#include <arrow/record_batch.h>
#include <boost/unordered/unordered_flat_set.hpp>
#include <xxhash.h>

#include "host/ingest/cell_access.hpp"
#include "host/ingest/column_map.hpp"
#include "host/ingest/discover.hpp"
#include "host/ingest/table_reader.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

constexpr std::int64_t kSampleLines = 1'500'000;
constexpr std::int64_t kUsualPacking = 5;  ///< text lines take so many times the bytes of their compressed file

/// Different values among those seen, and how their number grew.
class Distinct {
 public:
  void add(std::uint64_t hash) { seen_.insert(hash); }
  void end_of_batch(double lines) { growth_.emplace_back(lines, counted()); }
  double counted() const { return static_cast<double>(seen_.size()); }
  /// Among `scale` times as many lines: counted * scale^b, b by what the second half of the lines added.
  double estimated(double scale) const {
    if (scale <= 1 || growth_.empty()) return counted();
    const auto half = std::find_if(growth_.begin(), growth_.end(),
                                   [&](const auto& at) { return 2 * at.first >= growth_.back().first; });
    const double more_lines = growth_.back().first / half->first, more = counted() / std::max(1.0, half->second);
    const double power = more_lines > 1 ? std::log(more) / std::log(more_lines) : 1;
    return counted() * std::pow(scale, std::clamp(power, 0.0, 1.0));
  }

 private:
  boost::unordered_flat_set<std::uint64_t> seen_;
  std::vector<std::pair<double, double>> growth_;  ///< lines, different values
};

/// One column of ids: a hash for every cell, 0 for a missing one.
struct IdColumnSample {
  Distinct distinct;
  double text_bytes = 0, cells = 0;
  std::optional<std::pair<std::int64_t, std::int64_t>> range;  ///< by the footers
  bool has_range = true;
  std::vector<std::uint64_t> hash;

  void read(const arrow::Array& array) {
    hash.assign(static_cast<std::size_t>(array.length()), 0);
    const auto plain = plain_form(array, "ids");
    const auto put = [&](std::int64_t row, const void* bytes, std::size_t size) {
      hash[row] = XXH3_64bits(bytes, size) | 1;
      distinct.add(hash[row]);
      ++cells;
    };
    if (is_string_array(*plain)) {
      for_each_text(*plain, [&](std::int64_t row, std::string_view text) {
        if (text.empty()) return;
        put(row, text.data(), text.size());
        text_bytes += static_cast<double>(text.size());
      });
    } else if (is_integer_array(*plain)) {
      for_each_integer(*plain, [&](std::int64_t row, auto value) { put(row, &value, sizeof(value)); });
    } else if (is_float_array(*plain)) {
      for_each_float(*plain, [&](std::int64_t row, double value) { put(row, &value, sizeof(value)); });
    }
  }
  void widen(const std::optional<std::pair<std::int64_t, std::int64_t>>& more) {
    has_range = has_range && more.has_value();
    if (has_range)
      range = range ? std::pair{std::min(range->first, more->first), std::max(range->second, more->second)} : *more;
  }
  double most() const {
    if (!has_range || !range) return std::numeric_limits<double>::infinity();
    return static_cast<double>(range->second) - static_cast<double>(range->first) + 1;
  }
  /// Bytes of one stored id.
  double width() const { return text_bytes > 0 ? 8 + text_bytes / cells : 8; }
};

/// Uncompressed bytes of a text file: what gzip writes into its last four, else a guess.
double text_bytes_of(const std::string& path) {
  const auto bytes = static_cast<double>(std::filesystem::file_size(path));
  std::ifstream file(path, std::ios::binary);
  unsigned char first[2] = {}, last[4] = {};
  file.read(reinterpret_cast<char*>(first), 2);
  const bool gzip = first[0] == 0x1f && first[1] == 0x8b;
  if (!gzip) return first[0] == 0x28 && first[1] == 0xb5 ? bytes * kUsualPacking : bytes;
  file.seekg(-4, std::ios::end).read(reinterpret_cast<char*>(last), 4);
  const double said = last[0] + 256.0 * last[1] + 65536.0 * last[2] + 16777216.0 * last[3];
  return said >= bytes ? said : bytes * kUsualPacking;
}

class SizeSampler {
 public:
  explicit SizeSampler(const Job& job) : job_(job), files_(find_files(job.orders.path, "[input.orders] path")) {}

  LogSize estimate() {
    for (const FoundFile& file : files_) sample(file, kSampleLines / static_cast<std::int64_t>(files_.size()));
    const double scale = std::max(1.0, lines_ / std::max(1.0, seen_));
    const auto ids = [&](const IdColumnSample& column) {
      return std::min({lines_, column.most(), column.distinct.estimated(scale)});
    };
    const double baskets = order_.cells > 0 ? ids(order_) : lines_ / 2;
    const double items = ids(item_), customers = ids(customer_);
    LogSize size;
    size.lines = std::llround(lines_);
    size.baskets = std::llround(baskets);
    size.items = std::llround(items);
    size.customers = std::llround(customers);
    size.purchases = std::llround(std::min({lines_, purchases_.estimated(scale), items * customers}));
    size.catalogue = job_.items.path.empty() ? 0 : size.items;
    size.id_bytes = std::llround(items * item_.width() + customers * customer_.width() + baskets * order_.width());
    size.quantities = quantities_;
    size.prices = prices_;
    size.times = times_;
    size.text = text_;
    return size;
  }

 private:
  void sample(const FoundFile& file, std::int64_t most_lines) {
    const auto reader = open_table(file.path, job_.orders.format);
    const auto columns = map_columns(job_.orders.columns, order_columns(), file, *reader, "input.orders");
    const auto has = [&](const char* ours) { return find_column(columns, ours) != nullptr; };
    quantities_ = has("quantity") || has("returned_quantity");
    prices_ = has("unit_price") || has("line_value");
    times_ = has("ordered_at");
    text_ = text_ || reader->is_text();
    std::vector<std::string> selected;
    std::vector<IdColumnSample*> into;
    for (auto& [ours, column] :
         {std::pair{"item_id", &item_}, std::pair{"customer_id", &customer_}, std::pair{"order_id", &order_}}) {
      const MappedColumn* mapped = find_column(columns, ours);
      if (mapped == nullptr || mapped->in_path) continue;
      selected.push_back(mapped->yours);
      into.push_back(column);
      column->widen(reader->range_in_footer(mapped->yours));
    }
    reader->select(selected);
    std::int64_t rows = 0;
    bool whole = false;
    while (!whole && rows < most_lines) {
      const auto batch = reader->next();
      whole = batch == nullptr;
      if (whole) break;
      rows += batch->num_rows();
      for (std::size_t c = 0; c < selected.size(); ++c) {
        try {
          into[c]->read(*batch->GetColumnByName(selected[c]));
        } catch (const WrongColumnType& wrong) {
          throw DataError(file.path + ": column \"" + selected[c] + "\" is of type " + wrong.type + ", not " +
                          wrong.wanted);
        }
      }
      for (std::size_t r = 0; r < std::min(item_.hash.size(), customer_.hash.size()); ++r)
        if (customer_.hash[r] != 0) purchases_.add(item_.hash[r] * 0x9E3779B97F4A7C15ULL + customer_.hash[r]);
      seen_ += static_cast<double>(batch->num_rows());
      for (Distinct* distinct : {&item_.distinct, &customer_.distinct, &order_.distinct, &purchases_})
        distinct->end_of_batch(seen_);
    }
    lines_ += rows_of(file, *reader, rows, whole);
  }

  static double rows_of(const FoundFile& file, const TableReader& reader, std::int64_t rows, bool whole) {
    if (reader.rows_in_footer() >= 0) return static_cast<double>(reader.rows_in_footer());
    if (whole) return static_cast<double>(rows);
    const auto compressed = static_cast<double>(std::filesystem::file_size(file.path));
    const double read = reader.fraction() * compressed, all = reader.is_text() ? text_bytes_of(file.path) : compressed;
    return static_cast<double>(rows) * std::max(1.0, all / std::max(1.0, read));
  }

  const Job& job_;
  std::vector<FoundFile> files_;
  IdColumnSample item_, customer_, order_;
  Distinct purchases_;
  double lines_ = 0, seen_ = 0;
  bool quantities_ = false, prices_ = false, times_ = false, text_ = false;
};

std::int64_t bytes_of(const Dictionary& ids) {
  if (ids.type() != IdType::kString) return 8 * ids.size();
  std::int64_t bytes = 8 * ids.size();
  for (Offset code = 0; code < ids.size(); ++code) bytes += static_cast<std::int64_t>(ids.string_at(code).size());
  return bytes;
}

}  // namespace

LogSize size_of(const OrderLog& log) {
  LogSize size;
  size.lines = log.lines();
  size.baskets = log.baskets();
  size.items = log.items.size();
  size.customers = log.customers.size();
  std::vector<Code> last(static_cast<std::size_t>(size.items), kNoCode);
  for (Code c = 0; c < static_cast<Code>(size.customers); ++c)
    for (Offset l = log.basket_offset[log.customer_offset[c]]; l < log.basket_offset[log.customer_offset[c + 1]]; ++l) {
      size.purchases += last[log.line_item[l]] != c;
      last[log.line_item[l]] = c;
    }
  size.catalogue = log.catalogue.name.empty() && log.catalogue.category.empty() ? 0 : size.items;
  size.id_bytes = bytes_of(log.items) + bytes_of(log.customers) + bytes_of(log.orders);
  size.quantities = !log.line_quantity.empty();
  size.prices = log.has_prices();
  size.line_times = !log.line_time.empty();
  size.times = !log.basket_time.empty();
  size.exact = true;
  return size;
}

nlohmann::json to_json(const LogSize& size) {
  return {{"lines", size.lines},           {"baskets", size.baskets},       {"items", size.items},
          {"customers", size.customers},   {"purchases", size.purchases},   {"catalogue", size.catalogue},
          {"id_bytes", size.id_bytes},     {"quantities", size.quantities}, {"prices", size.prices},
          {"line_times", size.line_times}, {"times", size.times},           {"text", size.text}};
}

LogSize log_size_from(const nlohmann::json& json) {
  // A store that an earlier version made says less.
  return {json.at("lines"),
          json.at("baskets"),
          json.at("items"),
          json.at("customers"),
          json.at("purchases"),
          json.at("catalogue"),
          json.at("id_bytes"),
          json.value("quantities", true),
          json.value("prices", true),
          json.value("line_times", false),
          json.at("times"),
          json.value("text", false),
          true};
}

LogSize estimate_size(const Job& job) {
  return SizeSampler(job).estimate();
}

}  // namespace nextbest
