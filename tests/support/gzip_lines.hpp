#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include <zlib.h>

namespace nextbest::test {

/// The lines of a gzip file, one after the other.
class GzipLines {
 public:
  explicit GzipLines(const std::string& path) : file_(gzopen(path.c_str(), "rb"), gzclose) {
    if (!file_) throw std::runtime_error("cannot open " + path);
  }

  /// The next line without its end; false behind the last.
  bool next(std::string& line) {
    line.clear();
    char buffer[4096];
    while (gzgets(file_.get(), buffer, sizeof buffer)) {
      line += buffer;
      if (line.back() != '\n') continue;
      line.pop_back();
      return true;
    }
    return !line.empty();
  }

 private:
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file_;
};

}  // namespace nextbest::test
