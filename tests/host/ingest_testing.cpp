#include "tests/host/ingest_testing.hpp"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>
#include <arrow/json/from_string.h>
#include <arrow/util/compression.h>
#include <parquet/arrow/writer.h>

#include "host/ingest/findings.hpp"

namespace nextbest {
namespace {

std::shared_ptr<arrow::Table> table_of(
    const std::vector<std::pair<std::string, std::shared_ptr<arrow::Array>>>& columns) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const auto& [name, array] : columns) {
    fields.push_back(arrow::field(name, array->type()));
    arrays.push_back(array);
  }
  return arrow::Table::Make(arrow::schema(fields), arrays);
}

}  // namespace

std::string IngestTest::write(const std::string& name, const std::string& content) const {
  std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
  std::ofstream(path(name), std::ios::binary) << content;
  return path(name);
}

std::string IngestTest::write_compressed(const std::string& name, const std::string& content,
                                         const std::string& codec_name) const {
  const auto type = arrow::util::Codec::GetCompressionType(codec_name).ValueOrDie();
  const auto codec = arrow::util::Codec::Create(type).ValueOrDie();
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(content.data());
  const auto length = static_cast<std::int64_t>(content.size());
  std::string packed(static_cast<std::size_t>(codec->MaxCompressedLen(length, bytes)), '\0');
  const std::int64_t size = codec
                                ->Compress(length, bytes, static_cast<std::int64_t>(packed.size()),
                                           reinterpret_cast<std::uint8_t*>(packed.data()))
                                .ValueOrDie();
  packed.resize(static_cast<std::size_t>(size));
  return write(name, packed);
}

std::string IngestTest::write_parquet(const std::string& name, const Columns& columns) const {
  write(name, "");
  auto out = arrow::io::FileOutputStream::Open(path(name)).ValueOrDie();
  parquet::ArrowWriterProperties::Builder properties;
  properties.store_schema();
  const auto status = parquet::arrow::WriteTable(*table_of(columns), arrow::default_memory_pool(), out, 1024,
                                                 parquet::default_writer_properties(), properties.build());
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_TRUE(out->Close().ok());
  return path(name);
}

std::string IngestTest::write_ipc(const std::string& name, const Columns& columns) const {
  auto out = arrow::io::FileOutputStream::Open(path(name)).ValueOrDie();
  const auto table = table_of(columns);
  auto writer = arrow::ipc::MakeFileWriter(out, table->schema()).ValueOrDie();
  EXPECT_TRUE(writer->WriteTable(*table).ok());
  EXPECT_TRUE(writer->Close().ok());
  EXPECT_TRUE(out->Close().ok());
  return path(name);
}

std::shared_ptr<arrow::Array> IngestTest::make(const std::shared_ptr<arrow::DataType>& type, const std::string& json) {
  return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
}

std::string text_of(const OrderLog& log) {
  std::string text;
  for (Offset basket = 0; basket < log.baskets(); ++basket) {
    const std::string order = log.basket_order.empty() ? "" : log.orders.text(log.basket_order[basket]) + '/';
    text += fmt::format("{}{}", basket == 0 ? "" : " | ", order);
    for (Offset line = log.basket_offset[basket]; line < log.basket_offset[basket + 1]; ++line) {
      text += fmt::format("{}{}", line > log.basket_offset[basket] ? " " : "", log.items.text(log.line_item[line]));
      if (!log.line_quantity.empty()) text += fmt::format("x{}", amount_text(log.line_quantity[line]));
      if (log.line_price.empty()) continue;
      text += log.line_price[line] == kNoValue ? "@?" : fmt::format("@{}", amount_text(log.line_price[line]));
    }
  }
  return text;
}

RuleFinding finding(const QualityReport& report, const std::string& rule) {
  for (const RuleFinding& found : report.findings) {
    if (found.rule == rule) return found;
  }
  return {};
}

}  // namespace nextbest
