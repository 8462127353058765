#include "host/ingest/text_records.hpp"

#include <array>
#include <cstring>
#include <fstream>

#include <arrow/io/compressed.h>
#include <arrow/io/file.h>
#include <arrow/util/compression.h>
#include <fmt/format.h>

#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

arrow::Compression::type compression_of(const std::string& path) {
  std::array<char, 4> magic{};
  std::ifstream(path, std::ios::binary).read(magic.data(), magic.size());
  const std::string_view bytes(magic.data(), magic.size());
  if (bytes.starts_with("\x1f\x8b")) return arrow::Compression::GZIP;
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return arrow::Compression::ZSTD;
  if (bytes.starts_with("BZh")) return arrow::Compression::BZ2;
  return arrow::Compression::UNCOMPRESSED;
}

template <typename T>
T value_or_throw(arrow::Result<T> result, const std::string& path) {
  if (!result.ok()) {
    throw DataError(
        fmt::format("{}: the file cannot be read ({}); when it is damaged or cut off, write or copy it again", path,
                    result.status().message()));
  }
  return std::move(result).ValueUnsafe();
}

/// Closes its codec after the stream that uses it.
class DecodedStream : public arrow::io::InputStream {
 public:
  DecodedStream(std::unique_ptr<arrow::util::Codec> codec, std::shared_ptr<arrow::io::InputStream> stream)
      : codec_(std::move(codec)), stream_(std::move(stream)) {}
  arrow::Status Close() override { return stream_->Close(); }
  bool closed() const override { return stream_->closed(); }
  arrow::Result<int64_t> Tell() const override { return stream_->Tell(); }
  arrow::Result<int64_t> Read(int64_t bytes, void* out) override { return stream_->Read(bytes, out); }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t bytes) override { return stream_->Read(bytes); }

 private:
  std::unique_ptr<arrow::util::Codec> codec_;
  std::shared_ptr<arrow::io::InputStream> stream_;
};

}  // namespace

std::shared_ptr<arrow::io::InputStream> open_text(const std::string& path) {
  auto raw = value_or_throw(arrow::io::ReadableFile::Open(path), path);
  const auto compression = compression_of(path);
  if (compression == arrow::Compression::UNCOMPRESSED) return raw;
  auto codec = value_or_throw(arrow::util::Codec::Create(compression), path);
  auto decoded = value_or_throw(arrow::io::CompressedInputStream::Make(codec.get(), raw), path);
  return std::make_shared<DecodedStream>(std::move(codec), std::move(decoded));
}

TextRecords::TextRecords(const std::string& path, char delimiter, bool with_cells)
    : path_(path),
      stream_(open_text(path)),
      buffer_(std::size_t{1} << 18),
      delimiter_(delimiter),
      with_cells_(with_cells) {
  if (fill() && std::string_view(buffer_.data(), end_).starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
}

TextRecords::~TextRecords() = default;

bool TextRecords::fill() {
  at_ = 0;
  end_ = static_cast<std::size_t>(
      value_or_throw(stream_->Read(static_cast<std::int64_t>(buffer_.size()), buffer_.data()), path_));
  return end_ > 0;
}

bool TextRecords::next(TextRecord& record) {
  enum class State { kFieldStart, kPlain, kQuoted, kQuoteInQuoted };
  State state = State::kFieldStart;
  record = TextRecord();
  std::string cell;
  bool empty = true;
  const auto close_field = [&] {
    ++record.fields;
    if (with_cells_) record.cells.push_back(cell);
    cell.clear();
    state = State::kFieldStart;
  };
  while (at_ < end_ || fill()) {
    const char c = buffer_[at_++];
    const bool paired = after_return_ && c == '\n';
    after_return_ = false;
    if (paired) continue;
    if (empty) record.line = line_;
    const bool line_end = c == '\n' || c == '\r';
    if (line_end) {
      ++line_;
      after_return_ = c == '\r';
    }
    if (line_end && state != State::kQuoted) {
      if (empty) continue;
      close_field();
      return true;
    }
    empty = false;
    if (state == State::kQuoted) {
      if (c == '"')
        state = State::kQuoteInQuoted;
      else if (with_cells_)
        cell += c;
    } else if (c == delimiter_) {
      close_field();
    } else if (c == '"' && state == State::kFieldStart) {
      state = State::kQuoted;
    } else {
      state = c == '"' && state == State::kQuoteInQuoted ? State::kQuoted : State::kPlain;
      if (with_cells_) cell += c;
    }
  }
  if (empty) return false;
  record.open_quote = state == State::kQuoted;
  close_field();
  return true;
}

char guess_delimiter(const std::string& path) {
  char best = ',';
  std::int64_t most = 1;
  for (const char candidate : {',', '\t', ';', '|'}) {
    TextRecord header;
    if (TextRecords(path, candidate).next(header) && header.fields > most) {
      most = header.fields;
      best = candidate;
    }
  }
  return best;
}

}  // namespace nextbest
