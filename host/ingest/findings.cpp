#include "host/ingest/findings.hpp"

#include <algorithm>
#include <utility>

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

  std::string values(const Example& line) const {
    std::string text;
    if (raw_.has.orders) add(text, "order_id", raw_.orders.text(line.order));
    add(text, "item_id", raw_.items.text(line.item));
    if (raw_.has.quantities) add(text, "quantity", amount_text(line.quantity));
    if (line.money != kNoValue) {
      add(text, raw_.has.money_is_of_line ? "line_value" : "unit_price", amount_text(line.money));
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

}  // namespace

std::string amount_text(std::int64_t amount) {
  const std::uint64_t magnitude =
      amount < 0 ? 0 - static_cast<std::uint64_t>(amount) : static_cast<std::uint64_t>(amount);
  std::string text = fmt::format("{}{}.{:04}", amount < 0 ? "-" : "", magnitude / kUnit, magnitude % kUnit);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::vector<std::string> describe_lines(const RawLines& raw, const std::vector<Example>& lines,
                                        const std::map<std::string, std::string>& names) {
  std::map<std::size_t, std::vector<std::int64_t>> rows_of_file;
  for (const Example& line : lines) rows_of_file[raw.file_of(line.number)].push_back(raw.row_of(line.number));
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
  for (const Example& line : lines) {
    const std::size_t file = raw.file_of(line.number);
    const std::int64_t place = number[{file, raw.row_of(line.number)}];
    texts.push_back(fmt::format("{}:{}{}", raw.files[file].path, place, writer.values(line)));
  }
  return texts;
}

std::vector<RuleFinding> to_findings(const RawLines& raw, const std::vector<Found>& found,
                                     const std::map<std::string, std::string>& names) {
  std::vector<Example> lines;
  for (const Found& rule : found) lines.insert(lines.end(), rule.tally.examples.begin(), rule.tally.examples.end());
  const std::vector<std::string> texts = describe_lines(raw, lines, names);
  std::vector<RuleFinding> findings;
  auto next = texts.begin();
  for (const auto& [rule, action, tally] : found) {
    const auto end = next + static_cast<std::ptrdiff_t>(tally.examples.size());
    const double share = static_cast<double>(tally.lines) / static_cast<double>(std::max<std::int64_t>(1, raw.lines));
    if (tally.lines > 0) findings.push_back({rule, action, tally.lines, share, {next, end}});
    next = end;
  }
  return findings;
}

}  // namespace nextbest
