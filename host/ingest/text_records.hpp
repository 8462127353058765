#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arrow::io {
class InputStream;
}

namespace nextbest {

/// One record of a text table, as the CSV rules see it (RFC 4180: fields may be quoted, quotes are doubled inside).
struct TextRecord {
  std::int64_t line = 0;           ///< of its first character, from 1
  std::int64_t fields = 0;         ///< 0: a blank line, which is no record
  bool open_quote = false;         ///< the file ended inside quotes
  std::vector<std::string> cells;  ///< only where they were asked for
};

/// Reads a text table record by record, slowly and exactly. The fast way is Arrow's reader, which does not know lines;
/// this one finds headers, and on the error path the line of a record and the record that is broken.
class TextRecords {
 public:
  TextRecords(const std::string& path, char delimiter, bool with_cells = false);
  ~TextRecords();
  /// False at the end of the file. Blank lines are skipped. @throws DataError not readable
  bool next(TextRecord& record);

 private:
  bool fill();
  std::string path_;
  std::shared_ptr<arrow::io::InputStream> stream_;
  std::vector<char> buffer_;
  std::size_t at_ = 0, end_ = 0;
  char delimiter_;
  bool with_cells_;
  bool after_return_ = false;  ///< a line feed that follows belongs to the line before
  std::int64_t line_ = 1;
};

/// UTF-8 files may begin with it.
inline constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// The content of a file, decompressed when it is gzip, zstd or bzip2 by its first bytes. @throws DataError
std::shared_ptr<arrow::io::InputStream> open_text(const std::string& path);

/// The delimiter that the first record uses most outside of quotes: comma, tab, semicolon or bar; comma when none.
char guess_delimiter(const std::string& path);

}  // namespace nextbest
