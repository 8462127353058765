#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace arrow {
class Array;
class Buffer;
}  // namespace arrow

namespace nextbest {

/// A line with another number of fields than the header has.
struct BrokenRecord {
  std::int64_t record;  ///< from 0, header not counted
  std::int64_t fields;
  std::string text;
};

/// Cuts the lines of a plain text (see TextBlocks) into cells.
class PlainCells {
 public:
  /// fields    of every line
  /// selected  which of them are wanted
  PlainCells(char delimiter, std::int64_t fields, std::vector<std::size_t> selected);

  /// The selected cells of a block of lines, one array of views into the block per column; lines that are empty are no
  /// records. Takes the first line of the text for its header.
  std::vector<std::shared_ptr<arrow::Array>> cut(const std::shared_ptr<arrow::Buffer>& block);
  bool has_header() const { return !before_header_; }  ///< was met
  std::int64_t records() const { return records_; }    ///< so far, broken ones too
  std::int64_t rows() const { return rows_; }          ///< of the last block
  /// Of the last block.
  const std::vector<BrokenRecord>& broken() const { return broken_; }

 private:
  void find_ends(const std::uint8_t* bytes, std::int64_t size);
  std::int64_t fields_at(const std::uint8_t* bytes, std::size_t end) const;

  char delimiter_;
  std::int64_t fields_;
  std::vector<std::size_t> selected_;
  bool before_header_ = true;
  std::int64_t records_ = 0, rows_ = 0;
  std::vector<std::uint32_t> ends_;  ///< of the cells of a block: delimiters and line feeds
  std::size_t count_ = 0;            ///< of them; what lies behind is of earlier blocks
  std::vector<BrokenRecord> broken_;
};

}  // namespace nextbest
