#include "host/ingest/text_blocks.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/io/memory.h>
#include <arrow/result.h>

#include "host/ingest/text_records.hpp"

namespace nextbest {
namespace {

constexpr std::int64_t kBlockBytes = std::int64_t{1} << 20;

template <typename T>
T value_of(arrow::Result<T> result) {
  if (!result.ok()) throw result.status();
  return std::move(result).ValueUnsafe();
}

/// Bytes that were read already, and behind them the stream that they came from.
class ContinuedStream : public arrow::io::InputStream {
 public:
  ContinuedStream(std::shared_ptr<arrow::Buffer> head, std::shared_ptr<arrow::io::InputStream> tail)
      : head_(std::make_shared<arrow::io::BufferReader>(std::move(head))), tail_(std::move(tail)) {}
  arrow::Status Close() override { return tail_->Close(); }
  bool closed() const override { return tail_->closed(); }
  arrow::Result<int64_t> Tell() const override { return tail_->Tell(); }
  arrow::Result<int64_t> Read(int64_t bytes, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const int64_t read, head_->Read(bytes, out));
    return read > 0 ? read : tail_->Read(bytes, out);
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t bytes) override {
    ARROW_ASSIGN_OR_RAISE(auto read, head_->Read(bytes));
    if (read->size() > 0) return read;
    return tail_->Read(bytes);
  }

 private:
  std::shared_ptr<arrow::io::BufferReader> head_;
  std::shared_ptr<arrow::io::InputStream> tail_;
};

bool is_plain(std::string_view text) {
  if (text.find('"') != std::string_view::npos) return false;
  for (std::size_t at = text.find('\r'); at != std::string_view::npos; at = text.find('\r', at + 1)) {
    if (at + 1 < text.size() && text[at + 1] != '\n') return false;
  }
  return true;
}

}  // namespace

std::shared_ptr<arrow::Buffer> TextBlocks::next() {
  if (rest_ != nullptr) return nullptr;
  const std::int64_t carried = carry_ == nullptr ? 0 : carry_->size();
  const std::shared_ptr<arrow::ResizableBuffer> block =
      value_of(arrow::AllocateResizableBuffer(carried + kBlockBytes + 1));
  std::uint8_t* bytes = block->mutable_data();
  if (carried > 0) std::memcpy(bytes, carry_->data(), static_cast<std::size_t>(carried));
  std::int64_t end = carried;
  for (std::int64_t read = 1; read > 0 && end < carried + kBlockBytes; end += read)
    read = value_of(stream_->Read(carried + kBlockBytes - end, bytes + end));
  const bool is_last = end < carried + kBlockBytes;
  if (end == 0) return nullptr;

  const std::string_view text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(end));
  const std::size_t last_feed = text.rfind('\n');
  const bool ends_in_return = is_last && text.back() == '\r';
  if (!is_plain(text) || ends_in_return || (!is_last && last_feed == std::string_view::npos)) {
    rest_ = std::make_shared<ContinuedStream>(arrow::SliceBuffer(block, 0, end), stream_);
    return nullptr;
  }
  std::int64_t lines_end = is_last ? end : static_cast<std::int64_t>(last_feed) + 1;
  carry_ = is_last ? nullptr : value_of(block->CopySlice(lines_end, end - lines_end));
  if (is_last && text.back() != '\n') bytes[lines_end++] = '\n';
  const std::int64_t begin = bytes_ == 0 && text.starts_with(kByteOrderMark) ? std::ssize(kByteOrderMark) : 0;
  bytes_ += lines_end;
  return arrow::SliceBuffer(block, begin, lines_end - begin);
}

}  // namespace nextbest
