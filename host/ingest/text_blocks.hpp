#pragma once

#include <cstdint>
#include <memory>

namespace arrow {
class Buffer;
}
namespace arrow::io {
class InputStream;
}

namespace nextbest {

/// A text in blocks of whole lines, for as long as it is plain: no quotes, and lines that end with a line feed (a
/// carriage return may stand before it). In a plain text each line feed ends a record and each delimiter a cell.
class TextBlocks {
 public:
  explicit TextBlocks(std::shared_ptr<arrow::io::InputStream> stream) : stream_(std::move(stream)) {}
  /// The next lines, each with its line feed, also the last; without a byte order mark. nullptr at the end of the text
  /// and where it is no longer plain. @throws arrow::Status the stream cannot be read
  std::shared_ptr<arrow::Buffer> next();
  /// What next() has not given, once that was nullptr; nullptr: nothing.
  std::shared_ptr<arrow::io::InputStream> rest() const { return rest_; }
  std::int64_t bytes() const { return bytes_; }  ///< given

 private:
  std::shared_ptr<arrow::io::InputStream> stream_, rest_;
  std::shared_ptr<arrow::Buffer> carry_;  ///< the begin of a line
  std::int64_t bytes_ = 0;
};

}  // namespace nextbest
