#include <cerrno>
#include <chrono>
#include <cmath>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/export/hex_digits.hpp"
#include "host/export/part_writer.hpp"
#include "host/store/atomic_file.hpp"

namespace nextbest {
namespace {

using Text = fmt::memory_buffer;

void append(Text& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}

void append_quoted(Text& out, std::string_view text) {
  append(out, nlohmann::json(text).dump());
}

template <class Number>
void append_number(Text& out, Number value) {
  if constexpr (std::is_floating_point_v<Number>) {
    if (!std::isfinite(value)) return append(out, "null");
  }
  fmt::format_to(std::back_inserter(out), "{}", value);
}

/// ISO 8601, UTC, microseconds. Days and the time within the day are split so that times before 1970 come out right.
void append_time(Text& out, Micros micros) {
  const Micros day = micros >= 0 ? micros / kMicrosPerDay : -((kMicrosPerDay - 1 - micros) / kMicrosPerDay);
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  const Micros rest = micros - day * kMicrosPerDay, seconds = rest / 1'000'000;
  fmt::format_to(std::back_inserter(out), "\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z\"",
                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                 seconds / 3600, seconds / 60 % 60, seconds % 60, rest % 1'000'000);
}

/// Appends the value of one column in one row.
struct Cell {
  Text& out;
  std::int64_t row;

  void operator()(const IdColumn& ids) const {
    const Code code = ids.code[row];
    if (code == kNoCode) return append(out, "null");
    if (ids.dictionary->type() == IdType::kString) return append_quoted(out, ids.dictionary->string_at(code));
    append(out, ids.dictionary->text(code));
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    values[row] == kNoTime ? append(out, "null") : append_number(out, values[row]);
  }
  template <class T>
  void operator()(const std::vector<T>& values) const {
    append_number(out, values[row]);
  }
  void operator()(const std::vector<std::string>& texts) const {
    texts[row].empty() ? append(out, "null") : append_quoted(out, texts[row]);
  }
  void operator()(const NameColumn& texts) const {
    texts.code[row] == kNoCode ? append(out, "null") : append_quoted(out, texts.names[texts.code[row]]);
  }
  void operator()(const HexColumn& hashes) const {
    const auto digits = hex_digits(hashes.values[row]);
    append_quoted(out, {digits.data(), digits.size()});
  }
  void operator()(const TimeColumn& times) const {
    times.micros[row] == kNoTime ? append(out, "null") : append_time(out, times.micros[row]);
  }
  void operator()(const VectorColumn& vectors) const {
    out.push_back('[');
    for (std::int64_t d = 0; d < vectors.dim; ++d) {
      if (d > 0) out.push_back(',');
      append_number(out, vectors.values[row * vectors.dim + d]);
    }
    out.push_back(']');
  }
};

class JsonPart : public PartWriter {
 public:
  explicit JsonPart(std::filesystem::path path) : path_(std::move(path)) {
    errno = 0;
    out_.open(path_, std::ios::binary | std::ios::trunc);
    if (!out_) throw_output_error(path_, errno);
  }

  void write(const Chunk& chunk, std::int64_t begin, std::int64_t end) override {
    std::vector<std::string> key;
    for (const Column& column : chunk) {
      key.push_back(fmt::format("{}{}:", key.empty() ? '{' : ',', nlohmann::json(column.name).dump()));
    }
    Text text;
    for (std::int64_t row = begin; row < end; ++row) {
      for (std::size_t c = 0; c < chunk.size(); ++c) {
        append(text, key[c]);
        std::visit(Cell{text, row}, chunk[c].values);
      }
      append(text, "}\n");
    }
    errno = 0;
    out_.write(text.data(), static_cast<std::streamsize>(text.size()));
    if (!out_) throw_output_error(path_, errno);
    bytes_ += static_cast<std::int64_t>(text.size());
  }

  std::int64_t bytes_at_most() const override { return bytes_; }

  void close() override {
    errno = 0;
    out_.close();
    if (!out_) throw_output_error(path_, errno);
  }

 private:
  std::filesystem::path path_;
  std::ofstream out_;
  std::int64_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<PartWriter> open_json_part(const std::filesystem::path& path) {
  return std::make_unique<JsonPart>(path);
}

}  // namespace nextbest
