#include "host/ingest/bad_rows.hpp"

#include <arrow/util/utf8.h>
#include <fmt/format.h>

#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

std::string csv_cell(std::string_view text) {
  std::string cell = "\"";
  for (const char c : text) cell += c == '"' ? std::string("\"\"") : std::string(1, c);
  return cell + '"';
}

}  // namespace

std::string printable(std::string_view value) {
  constexpr std::size_t kLongest = 60;
  const bool valid = arrow::util::ValidateUTF8(reinterpret_cast<const uint8_t*>(value.data()),
                                               static_cast<std::int64_t>(value.size()));
  std::string text;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    const bool hidden = byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !valid);
    if (text.size() >= kLongest && (byte & 0xc0) != 0x80) return text + "...";
    text += hidden ? fmt::format("\\x{:02x}", byte) : std::string(1, c);
  }
  return text;
}

std::string BadRow::message() const {
  std::string text = path + ": " + place;
  if (!column.empty()) text += fmt::format(", column \"{}\", value \"{}\"", column, printable(value));
  return text + ": " + reason;
}

void BadRows::add(const BadRow& row) {
  if (count_ >= max_rows_) {
    const std::string hint = max_rows_ == 0
                                 ? "; --max-bad-rows N skips up to N such rows"
                                 : fmt::format("; more than the {} bad rows that --max-bad-rows allows", max_rows_);
    throw DataError(row.message() + hint);
  }
  ++count_;
  if (examples_.size() < 5) examples_.push_back(row.message());
  if (reject_file_.empty()) return;
  if (!rejects_.is_open()) {
    rejects_.open(reject_file_, std::ios::trunc);
    rejects_ << "file,place,column,value,reason\n";
  }
  rejects_ << csv_cell(row.path) << ',' << csv_cell(row.place) << ',' << csv_cell(row.column) << ','
           << csv_cell(row.value) << ',' << csv_cell(row.reason) << '\n';
  if (!rejects_.flush()) throw OutputError(fmt::format("{}: the reject file cannot be written", reject_file_));
}

}  // namespace nextbest
