#include "host/export/arrow_batch.hpp"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/util/io_util.h>

#include "host/export/hex_digits.hpp"
#include "host/store/atomic_file.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

using Arrays = std::vector<std::shared_ptr<arrow::Array>>;
using Fields = std::vector<std::shared_ptr<arrow::Field>>;

/// Memory that cannot be had is the only way a builder can fail here.
void check_builder(const arrow::Status& status) {
  if (!status.ok()) throw std::bad_alloc();
}

std::shared_ptr<arrow::Array> finish(arrow::ArrayBuilder& builder) {
  std::shared_ptr<arrow::Array> array;
  check_builder(builder.Finish(&array));
  return array;
}

/// Turns the rows [begin, end) of one column into fields and arrays.
struct Converter {
  const std::string& name;
  std::int64_t begin, end;
  bool spread_vectors;
  Fields& fields;
  Arrays& arrays;

  template <class Builder, class Append>
  void build(Builder&& builder, const Append& append) {
    check_builder(builder.Reserve(end - begin));
    for (std::int64_t row = begin; row < end; ++row) append(builder, row);
    fields.push_back(arrow::field(name, builder.type()));
    arrays.push_back(finish(builder));
  }

  void operator()(const IdColumn& ids) {
    const Dictionary& dictionary = *ids.dictionary;
    const auto each = [&](const auto& at) {
      return [&ids, &at](auto& builder, std::int64_t row) {
        check_builder(ids.code[row] == kNoCode ? builder.AppendNull() : builder.Append(at(ids.code[row])));
      };
    };
    switch (dictionary.type()) {
      case IdType::kInt64:
        return build(arrow::Int64Builder(), each([&](Code c) { return dictionary.int64_at(c); }));
      case IdType::kUint64:
        return build(arrow::UInt64Builder(), each([&](Code c) { return dictionary.uint64_at(c); }));
      case IdType::kString:
        return build(arrow::StringBuilder(), each([&](Code c) { return dictionary.string_at(c); }));
    }
  }
  void operator()(const std::vector<std::int32_t>& values) { numbers<arrow::Int32Builder>(values); }
  void operator()(const std::vector<float>& values) { numbers<arrow::FloatBuilder>(values); }
  void operator()(const std::vector<double>& values) { numbers<arrow::DoubleBuilder>(values); }
  void operator()(const std::vector<std::int64_t>& values) { nullable(arrow::Int64Builder(), values); }
  void operator()(const TimeColumn& times) {
    nullable(arrow::TimestampBuilder(arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), arrow::default_memory_pool()),
             times.micros);
  }
  void operator()(const std::vector<std::string>& texts) {
    build(arrow::StringBuilder(), [&](auto& builder, std::int64_t row) {
      check_builder(texts[row].empty() ? builder.AppendNull() : builder.Append(texts[row]));
    });
  }
  void operator()(const NameColumn& texts) {
    build(arrow::StringBuilder(), [&](auto& builder, std::int64_t row) {
      const Code code = texts.code[row];
      check_builder(code == kNoCode ? builder.AppendNull() : builder.Append(texts.names[code]));
    });
  }
  void operator()(const HexColumn& hashes) {
    build(arrow::StringBuilder(), [&](auto& builder, std::int64_t row) {
      const auto digits = hex_digits(hashes.values[row]);
      check_builder(builder.Append(digits.data(), static_cast<std::int32_t>(digits.size())));
    });
  }
  void operator()(const VectorColumn& vectors) {
    if (spread_vectors) return spread(vectors);
    auto values = std::make_shared<arrow::FloatBuilder>();
    arrow::FixedSizeListBuilder builder(arrow::default_memory_pool(), values, static_cast<std::int32_t>(vectors.dim));
    append(*values, vectors.values.data() + begin * vectors.dim, (end - begin) * vectors.dim);
    check_builder(builder.AppendValues(end - begin));
    fields.push_back(arrow::field(name, builder.type()));
    arrays.push_back(finish(builder));
  }

  // The builders copy with memcpy, which takes no null pointer, not even for nothing.
  template <class Builder, class T>
  static void append(Builder& builder, const T* values, std::int64_t n) {
    if (n > 0) check_builder(builder.AppendValues(values, n));
  }

  template <class Builder, class T>
  void numbers(const std::vector<T>& values) {
    Builder builder;
    append(builder, values.data() + begin, end - begin);
    fields.push_back(arrow::field(name, builder.type()));
    arrays.push_back(finish(builder));
  }
  template <class Builder>
  void nullable(Builder&& builder, const std::vector<std::int64_t>& values) {
    build(std::forward<Builder>(builder), [&](auto& to, std::int64_t row) {
      check_builder(values[row] == kNoTime ? to.AppendNull() : to.Append(values[row]));
    });
  }
  void spread(const VectorColumn& vectors) {
    for (std::int64_t d = 0; d < vectors.dim; ++d) {
      const std::string part = name + "_" + std::to_string(d);
      Converter{part, begin, end, true, fields, arrays}.build(
          arrow::FloatBuilder(), [&](auto& builder, std::int64_t row) {
            check_builder(builder.Append(vectors.values[row * vectors.dim + d]));
          });
    }
  }
};

}  // namespace

std::shared_ptr<arrow::RecordBatch> to_record_batch(const Chunk& chunk, std::int64_t begin, std::int64_t end,
                                                    bool spread_vectors) {
  Fields fields;
  Arrays arrays;
  for (const Column& column : chunk) {
    std::visit(Converter{column.name, begin, end, spread_vectors, fields, arrays}, column.values);
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), end - begin, std::move(arrays));
}

void check_arrow(const arrow::Status& status, const std::filesystem::path& path) {
  if (status.ok()) return;
  if (status.IsOutOfMemory()) throw std::bad_alloc();
  if (const int error = arrow::internal::ErrnoFromStatus(status); error != 0) throw_output_error(path, error);
  throw OutputError("cannot write " + path.string() + ": " + status.message());
}

std::shared_ptr<arrow::io::FileOutputStream> open_output(const std::filesystem::path& path) {
  auto opened = arrow::io::FileOutputStream::Open(path.string());
  check_arrow(opened.status(), path);
  return *opened;
}

}  // namespace nextbest
