#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/store/dictionary.hpp"
#include "host/store/h5_handle.hpp"
#include "host/store/order_log_file.hpp"

namespace nextbest::h5 {

/// Reads a file of Writer's. Nothing in it is trusted: the seal is checked first, sizes against the size of the file.
/// Every call @throws DamagedFile naming the file and what is wrong with it.
class Reader {
 public:
  /// @throws DataError the file was written by a newer program (format_version above `version`)
  Reader(const std::filesystem::path& path, const std::string& kind, std::int64_t version);

  FileStamp stamp() const;
  bool has(const std::string& path) const;
  template <class T>
  std::vector<T> array(const std::string& path) const {
    const Handle set = open(path, 1);
    std::vector<T> values(elements(set, path, sizeof(T)));
    read(set, path, native_type<T>(), values.data());
    return values;
  }
  /// A matrix of `cols` columns, row-major.
  std::vector<float> matrix(const std::string& path, std::int64_t& rows, std::int64_t& cols) const;
  std::vector<std::string> strings(const std::string& path) const;
  Dictionary dictionary(const std::string& path) const;

  std::string text_attribute(const std::string& object, const std::string& name) const;
  std::int64_t integer_attribute(const std::string& object, const std::string& name) const;
  std::vector<std::string> texts_attribute(const std::string& object, const std::string& name) const;

  [[noreturn]] void damaged(const std::string& what) const;
  void expect(bool condition, const char* what) const {
    if (!condition) damaged(what);
  }

 private:
  void open_file();
  Handle open(const std::string& path, int rank) const;
  /// The number of elements, when a file of this size can hold so many.
  std::size_t elements(const Handle& set, const std::string& path, std::size_t bytes_each) const;
  void read(const Handle& set, const std::string& path, hid_t memory_type, void* out) const;
  Handle attribute(const std::string& object, const std::string& name, Handle& owner) const;

  std::filesystem::path path_;
  std::uintmax_t file_bytes_ = 0;
  Handle file_;
};

}  // namespace nextbest::h5
