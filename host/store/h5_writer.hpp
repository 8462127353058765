#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/store/atomic_file.hpp"
#include "host/store/chunk_packing.hpp"
#include "host/store/dictionary.hpp"
#include "host/store/h5_handle.hpp"
#include "host/store/order_log_file.hpp"
#include "kernels/core/context.hpp"

namespace nextbest::h5 {

/// Builds one HDF5 file under a temporary name. Objects are named by their full path ("items/id"); groups come first.
/// Every call @throws OutputError naming the target file and the cause.
class Writer {
 public:
  /// The root group gets `kind`, `format_version` and the stamp. Chunks are packed on the threads of `ctx`.
  Writer(const std::filesystem::path& path, const std::string& kind, std::int64_t version, const FileStamp& stamp,
         const Context& ctx = {});

  /// With an encoding: the attributes `encoding-type` and `encoding-version` of AnnData.
  void group(const std::string& path, const std::string& encoding = "", const std::string& encoding_version = "");
  template <class T>
  void array(const std::string& path, std::span<const T> values, Packing packing = Packing::kPlain) {
    dataset(path, native_type<T>(), values.data(), {values.size()}, packing);
  }
  /// Row-major.
  void matrix(const std::string& path, std::span<const float> values, hsize_t rows, hsize_t cols) {
    dataset(path, native_type<float>(), values.data(), {rows, cols}, Packing::kPlain);
  }
  /// A string array of AnnData.
  void strings(const std::string& path, Offset size, const std::function<std::string_view(Offset)>& at);
  /// Integers as an array, strings as a string array.
  void dictionary(const std::string& path, const Dictionary& dictionary);

  void attribute(const std::string& object, const std::string& name, const std::string& value);
  void attribute(const std::string& object, const std::string& name, std::int64_t value);
  void attribute(const std::string& object, const std::string& name, std::span<const std::int64_t> values);
  void attribute(const std::string& object, const std::string& name, const std::vector<std::string>& values);

  /// Closes, seals, syncs, renames.
  void commit();

 private:
  void dataset(const std::string& path, hid_t type, const void* data, const std::vector<hsize_t>& shape,
               Packing packing);
  Handle create_dataset(const std::string& path, hid_t type, const std::vector<hsize_t>& shape, Packing packing);
  void write_chunks(const Handle& set, hid_t type, const void* data, const std::vector<hsize_t>& shape,
                    Packing packing);
  void encoding(const std::string& object, const std::string& type, const std::string& version);
  void write_attribute(const std::string& object, const std::string& name, hid_t type, const Handle& space,
                       const void* data);
  Handle checked(hid_t id, Handle::Close close);
  void check(bool succeeded);

  std::string kind_;
  std::int64_t version_;
  Context ctx_;
  AtomicFile target_;
  Handle file_;
};

}  // namespace nextbest::h5
