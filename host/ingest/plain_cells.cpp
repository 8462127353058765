#include "host/ingest/plain_cells.hpp"

#include <bit>
#include <cstring>
#include <new>

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/type.h>
#include <arrow/util/binary_view_util.h>

namespace nextbest {
namespace {

using View = arrow::BinaryViewType::c_type;
constexpr std::uint64_t kOnes = 0x0101010101010101U, kLow = 0x7f7f7f7f7f7f7f7fU;

/// The highest bit of each byte of the word that is `byte`.
constexpr std::uint64_t places_of(std::uint64_t word, std::uint8_t byte) {
  const std::uint64_t other = word ^ (kOnes * byte);
  return ~(((other & kLow) + kLow) | other | kLow);
}

std::uint64_t word_at(const std::uint8_t* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}

/// Room for the views of one column.
struct Column {
  explicit Column(std::int64_t rows) {
    auto allocated = arrow::AllocateBuffer(rows * static_cast<std::int64_t>(sizeof(View)));
    if (!allocated.ok()) throw std::bad_alloc();
    buffer = std::move(allocated).ValueUnsafe();
    views = reinterpret_cast<View*>(buffer->mutable_data());
  }
  std::shared_ptr<arrow::Buffer> buffer;
  View* views;
};

}  // namespace

PlainCells::PlainCells(char delimiter, std::int64_t fields, std::vector<std::size_t> selected)
    : delimiter_(delimiter), fields_(fields), selected_(std::move(selected)) {}

void PlainCells::find_ends(const std::uint8_t* bytes, std::int64_t size) {
  if (ends_.size() < static_cast<std::size_t>(size)) ends_.resize(static_cast<std::size_t>(size));
  std::uint32_t* end = ends_.data();
  std::int64_t at = 0;
  for (; at + 8 <= size; at += 8) {
    const std::uint64_t word = word_at(bytes + at);
    for (std::uint64_t places = places_of(word, '\n') | places_of(word, static_cast<std::uint8_t>(delimiter_));
         places != 0; places &= places - 1) {
      *end++ = static_cast<std::uint32_t>(at + std::countr_zero(places) / 8);
    }
  }
  for (; at < size; ++at) {
    if (bytes[at] == '\n' || bytes[at] == static_cast<std::uint8_t>(delimiter_))
      *end++ = static_cast<std::uint32_t>(at);
  }
  count_ = static_cast<std::size_t>(end - ends_.data());
}

/// Fields of the line whose first cell ends at ends_[end].
std::int64_t PlainCells::fields_at(const std::uint8_t* bytes, std::size_t end) const {
  std::int64_t fields = 1;
  while (bytes[ends_[end]] != '\n') ++end, ++fields;
  return fields;
}

std::vector<std::shared_ptr<arrow::Array>> PlainCells::cut(const std::shared_ptr<arrow::Buffer>& block) {
  const std::uint8_t* bytes = block->data();
  find_ends(bytes, block->size());
  broken_.clear();
  rows_ = 0;
  const auto most_rows = static_cast<std::int64_t>(count_) / fields_;
  std::vector<Column> columns;
  for (std::size_t c = 0; c < selected_.size(); ++c) columns.emplace_back(most_rows);
  std::uint32_t begin = 0;
  std::size_t next = 0;
  for (std::size_t first = 0; first < count_; first = next, begin = ends_[next - 1] + 1) {
    const std::int64_t fields = fields_at(bytes, first);
    next = first + static_cast<std::size_t>(fields);
    std::uint32_t last = ends_[next - 1];  // the line feed, or the return before it
    if (last > begin && bytes[last - 1] == '\r') --last;
    if (last == begin) continue;
    if (before_header_) {
      before_header_ = false;
      continue;
    }
    const std::int64_t record = records_++;
    if (fields != fields_) {
      broken_.push_back({record, fields, std::string(reinterpret_cast<const char*>(bytes) + begin, last - begin)});
      continue;
    }
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::size_t cell = selected_[c];
      const std::uint32_t from = cell == 0 ? begin : ends_[first + cell - 1] + 1;
      const std::uint32_t to = cell + 1 == static_cast<std::size_t>(fields) ? last : ends_[first + cell];
      columns[c].views[rows_] = arrow::util::ToBinaryView(bytes + from, static_cast<std::int32_t>(to - from), 0,
                                                          static_cast<std::int32_t>(from));
    }
    ++rows_;
  }
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const Column& column : columns) {
    arrays.push_back(std::make_shared<arrow::BinaryViewArray>(arrow::binary_view(), rows_, column.buffer,
                                                              arrow::BufferVector{block}));
  }
  return arrays;
}

}  // namespace nextbest
