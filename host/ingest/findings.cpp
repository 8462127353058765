#include "host/ingest/findings.hpp"

#include <algorithm>
#include <utility>

#include <boost/unordered/unordered_flat_set.hpp>
#include <fmt/format.h>

#include "host/ingest/text_records.hpp"

namespace nextbest {
namespace {

/// Line numbers of rows of a text file; rows ascending. Records with a wrong number of fields are no rows.
std::map<std::int64_t, std::int64_t> lines_of_rows(const std::string& path, const std::vector<std::int64_t>& rows) {
  std::map<std::int64_t, std::int64_t> numbers;
  TextRecords records(path, path.find(".tsv") != std::string::npos ? '\t' : guess_delimiter(path));
  TextRecord header, record;
  records.next(header);
  std::int64_t row = -1;
  for (const std::int64_t wanted : rows) {
    while (row < wanted && records.next(record)) row += record.fields == header.fields ? 1 : 0;
    numbers[wanted] = record.line;
  }
  return numbers;
}

class LineWriter {
 public:
  LineWriter(const RawLines& raw, const std::map<std::string, std::string>& names) : raw_(raw), names_(names) {}

  std::string values(std::int64_t line) const {
    std::string text;
    if (raw_.has_orders) add(text, "order_id", raw_.orders.text(raw_.order_order.ascending[raw_.order[line]]));
    add(text, "item_id", raw_.items.text(raw_.item_order.ascending[raw_.item[line]]));
    if (!raw_.quantity.empty()) add(text, "quantity", amount_text(raw_.quantity[line]));
    if (!raw_.money.empty() && raw_.money[line] != kNoValue) {
      add(text, raw_.money_is_of_line ? "line_value" : "unit_price", amount_text(raw_.money[line]));
    }
    return text;
  }

 private:
  void add(std::string& text, const std::string& ours, const std::string& value) const {
    const auto name = names_.find(ours);
    text += fmt::format(" {}={}", name == names_.end() || name->second.empty() ? ours : name->second, value);
  }
  const RawLines& raw_;
  const std::map<std::string, std::string>& names_;
};

/// Counts distinct values of a column of codes below `codes`.
std::int64_t distinct(const std::vector<bool>& seen) {
  return static_cast<std::int64_t>(std::count(seen.begin(), seen.end(), true));
}

}  // namespace

std::string amount_text(std::int64_t amount) {
  const std::uint64_t magnitude =
      amount < 0 ? 0 - static_cast<std::uint64_t>(amount) : static_cast<std::uint64_t>(amount);
  std::string text = fmt::format("{}{}.{:04}", amount < 0 ? "-" : "", magnitude / kUnit, magnitude % kUnit);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::vector<std::string> describe_lines(const RawLines& raw, const std::vector<std::int64_t>& lines,
                                        const std::map<std::string, std::string>& names) {
  std::map<std::size_t, std::vector<std::int64_t>> rows_of_file;
  for (const std::int64_t line : lines) rows_of_file[raw.file_of(line)].push_back(raw.row_of(line));
  std::map<std::pair<std::size_t, std::int64_t>, std::int64_t> number;
  for (auto& [file, rows] : rows_of_file) {
    std::sort(rows.begin(), rows.end());
    if (raw.files[file].is_text) {
      for (const auto& [row, line] : lines_of_rows(raw.files[file].path, rows)) number[{file, row}] = line;
    } else {
      for (const std::int64_t row : rows) number[{file, row}] = row + 1;
    }
  }
  const LineWriter writer(raw, names);
  std::vector<std::string> texts;
  for (const std::int64_t line : lines) {
    const std::size_t file = raw.file_of(line);
    texts.push_back(
        fmt::format("{}:{}{}", raw.files[file].path, number[{file, raw.row_of(line)}], writer.values(line)));
  }
  return texts;
}

std::vector<RuleFinding> to_findings(const RawLines& raw, const std::vector<Found>& found,
                                     const std::map<std::string, std::string>& names) {
  std::vector<std::int64_t> lines;
  for (const Found& rule : found) lines.insert(lines.end(), rule.examples.begin(), rule.examples.end());
  const std::vector<std::string> texts = describe_lines(raw, lines, names);
  std::vector<RuleFinding> findings;
  std::size_t next = 0;
  for (const Found& rule : found) {
    const std::size_t end = next + rule.examples.size();
    if (rule.lines > 0) {
      const double share =
          static_cast<double>(rule.lines) / static_cast<double>(std::max<std::int64_t>(1, raw.lines()));
      findings.push_back(
          {rule.rule,
           rule.action,
           rule.lines,
           share,
           {texts.begin() + static_cast<std::ptrdiff_t>(next), texts.begin() + static_cast<std::ptrdiff_t>(end)}});
    }
    next = end;
  }
  return findings;
}

DataSize size_of(const RawLines& raw) {
  DataSize size;
  std::vector<bool> items(static_cast<std::size_t>(raw.items.size()));
  std::vector<bool> customers(static_cast<std::size_t>(raw.customers.size()));
  std::vector<bool> orders(static_cast<std::size_t>(raw.orders.size()));
  boost::unordered_flat_set<std::pair<Code, Offset>> units;  // where there are no order ids
  Wide value = 0;
  for (std::int64_t line = 0; line < raw.lines(); ++line) {
    if (raw.dropped[line]) continue;
    ++size.lines;
    items[raw.item[line]] = true;
    if (raw.customer_of(line) != kNoCode) customers[raw.customer_of(line)] = true;
    if (raw.has_orders)
      orders[raw.order[line]] = true;
    else
      units.emplace(raw.customer_of(line), raw.order_of(line));
    value += raw.value_of(line);
  }
  size.items = distinct(items);
  size.customers = distinct(customers);
  size.orders = raw.has_orders ? distinct(orders) : static_cast<std::int64_t>(units.size());
  size.has_value = !raw.money.empty();
  size.value = rounded_quotient(value, kUnit);
  return size;
}

}  // namespace nextbest
