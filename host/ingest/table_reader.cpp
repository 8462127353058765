#include "host/ingest/table_reader.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include <arrow/status.h>
#include <arrow/util/thread_pool.h>
#include <arrow/util/utf8.h>
#include <fmt/format.h>

#include "host/ingest/tables.hpp"
#include "host/ingest/text_records.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

std::string first_bytes(const std::string& path) {
  std::array<char, 8> bytes{};
  std::ifstream stream(path, std::ios::binary);
  stream.read(bytes.data(), bytes.size());
  if (!stream.is_open()) throw DataError(path + ": the file cannot be opened; check its permissions");
  return std::string(bytes.data(), static_cast<std::size_t>(stream.gcount()));
}

/// What a file is: by its first bytes where they tell, else by its name, else text.
std::string format_of(const std::string& path) {
  const std::string bytes = first_bytes(path);
  if (bytes.starts_with("PAR1")) return "parquet";
  if (bytes.starts_with("ARROW1") || bytes.starts_with("\xff\xff\xff\xff")) return "ipc";
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".parquet" || extension == ".pq") return "parquet";
  if (extension == ".arrow" || extension == ".arrows" || extension == ".feather" || extension == ".ipc") return "ipc";
  return path.find(".tsv") != std::string::npos ? "tsv" : "text";
}

}  // namespace

void set_reader_threads(int threads) {
  const arrow::Status status = arrow::SetCpuThreadPoolCapacity(std::max(1, threads));
  if (!status.ok()) throw InvalidArgument("set_reader_threads: " + status.message());
}

std::unique_ptr<TableReader> open_table(const std::string& path, const std::string& format) {
  arrow::util::InitializeUTF8();  // before it, Arrow takes anything for UTF-8
  if (first_bytes(path).empty()) throw DataError(path + ": the file is empty (0 bytes)");
  const std::string kind = format == "auto" || format.empty() ? format_of(path) : format;
  if (kind == "parquet") return open_parquet_table(path);
  if (kind == "ipc" || kind == "arrow") return open_ipc_table(path);
  if (kind == "tsv") return open_text_table(path, '\t');
  if (kind == "csv" || kind == "text") return open_text_table(path, guess_delimiter(path));
  throw UsageError(fmt::format("format \"{}\" is not known; use auto, parquet, csv, tsv or ipc", format));
}

}  // namespace nextbest
