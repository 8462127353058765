#include "host/store/h5_reader.hpp"

#include <algorithm>

#include "host/store/seal.hpp"
#include "kernels/core/error.hpp"

namespace nextbest::h5 {
namespace {

/// Deflate shrinks by at most about 1,030; a dataset that claims more than that was not written by us.
constexpr std::uintmax_t kLargestRatio = 1100;
constexpr hsize_t kStringsRead = 1 << 16;

}  // namespace

Reader::Reader(const std::filesystem::path& path, const std::string& kind, std::int64_t version) : path_(path) {
  std::int64_t found = 0;
  switch (check_seal(path, kind, found)) {
    case SealState::kForeign:
      damaged("it is not a nextbest file of the kind " + kind);
    case SealState::kTruncated:
      damaged("it is truncated");
    case SealState::kChanged:
      damaged("its content does not fit its checksum");
    case SealState::kWhole:
      break;
  }
  if (found > version) {
    throw DataError(path.string() + " has format version " + std::to_string(found) + ", newer than this program's (" +
                    std::to_string(version) + "): use the newer program, or delete the file and run again");
  }
  open_file();
}

void Reader::damaged(const std::string& what) const {
  throw DamagedFile(path_.string() + " is damaged: " + what + "; delete it and run again");
}

void Reader::open_file() {
  start();
  file_bytes_ = std::filesystem::file_size(path_);
  const Handle access = file_access();
  file_ = Handle(H5Fopen(path_.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
  expect(file_.valid(), "HDF5 cannot open it");
}

FileStamp Reader::stamp() const {
  return {text_attribute("/", "run_id"), text_attribute("/", "inputs_hash"), text_attribute("/", "settings_hash")};
}

bool Reader::has(const std::string& path) const {
  for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
    if (H5Lexists(file_.get(), path.substr(0, at).c_str(), H5P_DEFAULT) <= 0) return false;
  }
  return H5Lexists(file_.get(), path.c_str(), H5P_DEFAULT) > 0;
}

Handle Reader::open(const std::string& path, int rank) const {
  if (!has(path)) damaged("it has no dataset " + path);
  Handle set(H5Dopen2(file_.get(), path.c_str(), H5P_DEFAULT), H5Dclose);
  if (!set.valid()) damaged(path + " is not a dataset");
  const Handle space(H5Dget_space(set.get()), H5Sclose);
  if (H5Sget_simple_extent_ndims(space.get()) != rank) damaged(path + " has the wrong number of dimensions");
  return set;
}

std::size_t Reader::elements(const Handle& set, const std::string& path, std::size_t bytes_each) const {
  const Handle space(H5Dget_space(set.get()), H5Sclose);
  const hssize_t size = H5Sget_simple_extent_npoints(space.get());
  if (size < 0 || static_cast<std::uintmax_t>(size) > file_bytes_ * kLargestRatio / bytes_each) {
    damaged(path + " claims more elements than the file can hold");
  }
  return static_cast<std::size_t>(size);
}

void Reader::read(const Handle& set, const std::string& path, hid_t memory_type, void* out) const {
  const Handle type(H5Dget_type(set.get()), H5Tclose);
  if (H5Tget_class(type.get()) != H5Tget_class(memory_type) || H5Tget_size(type.get()) > H5Tget_size(memory_type)) {
    damaged(path + " has the wrong type");
  }
  if (out != nullptr && H5Dread(set.get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) < 0) {
    damaged(path + " cannot be read");
  }
}

std::vector<float> Reader::matrix(const std::string& path, std::int64_t& rows, std::int64_t& cols) const {
  const Handle set = open(path, 2);
  const Handle space(H5Dget_space(set.get()), H5Sclose);
  hsize_t shape[2];
  H5Sget_simple_extent_dims(space.get(), shape, nullptr);
  std::vector<float> values(elements(set, path, sizeof(float)));
  read(set, path, native_type<float>(), values.data());
  rows = static_cast<std::int64_t>(shape[0]);
  cols = static_cast<std::int64_t>(shape[1]);
  return values;
}

std::vector<std::string> Reader::strings(const std::string& path) const {
  const Handle set = open(path, 1);
  const hsize_t size = elements(set, path, 1);
  const Handle type = string_type(), stored(H5Dget_type(set.get()), H5Tclose);
  if (H5Tis_variable_str(stored.get()) <= 0) damaged(path + " has the wrong type");
  std::vector<std::string> result;
  result.reserve(size);
  std::vector<char*> block;
  for (hsize_t begin = 0; begin < size; begin += kStringsRead) {
    const hsize_t count = std::min(kStringsRead, size - begin);
    block.assign(count, nullptr);
    const Handle in_file(H5Dget_space(set.get()), H5Sclose), in_memory(H5Screate_simple(1, &count, nullptr), H5Sclose);
    H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, &begin, nullptr, &count, nullptr);
    if (H5Dread(set.get(), type.get(), in_memory.get(), in_file.get(), H5P_DEFAULT, block.data()) < 0) {
      damaged(path + " cannot be read");
    }
    for (const char* text : block) result.emplace_back(text == nullptr ? "" : text);
    H5Dvlen_reclaim(type.get(), in_memory.get(), H5P_DEFAULT, block.data());
  }
  return result;
}

Dictionary Reader::dictionary(const std::string& path) const {
  Handle type;
  {
    const Handle set = open(path, 1);
    type = Handle(H5Dget_type(set.get()), H5Tclose);
  }
  const H5T_class_t kind = H5Tget_class(type.get());
  try {
    if (kind == H5T_STRING) return Dictionary::of_strings(strings(path));
    if (kind == H5T_INTEGER && H5Tget_sign(type.get()) == H5T_SGN_NONE) {
      return Dictionary::of_uint64(array<std::uint64_t>(path));
    }
    return Dictionary::of_int64(array<std::int64_t>(path));
  } catch (const InvalidArgument&) {
    damaged(path + " is not ascending");
  }
}

Handle Reader::attribute(const std::string& object, const std::string& name, Handle& owner) const {
  owner = Handle(H5Oopen(file_.get(), object.c_str(), H5P_DEFAULT), H5Oclose);
  Handle found(H5Aopen(owner.get(), name.c_str(), H5P_DEFAULT), H5Aclose);
  if (!found.valid()) damaged("it has no attribute " + name);
  return found;
}

std::vector<std::string> Reader::texts_attribute(const std::string& object, const std::string& name) const {
  Handle owner;
  const Handle found = attribute(object, name, owner);
  const Handle type = string_type(), stored(H5Aget_type(found.get()), H5Tclose);
  const Handle space(H5Aget_space(found.get()), H5Sclose);
  const hssize_t size = H5Sget_simple_extent_npoints(space.get());
  if (size < 0 || size > 1 << 16 || H5Tis_variable_str(stored.get()) <= 0) damaged(name + " is not text");
  std::vector<char*> pointers(static_cast<std::size_t>(size), nullptr);
  if (size > 0 && H5Aread(found.get(), type.get(), pointers.data()) < 0) damaged(name + " cannot be read");
  std::vector<std::string> result;
  for (const char* text : pointers) result.emplace_back(text == nullptr ? "" : text);
  if (size > 0) H5Dvlen_reclaim(type.get(), space.get(), H5P_DEFAULT, pointers.data());
  return result;
}

std::string Reader::text_attribute(const std::string& object, const std::string& name) const {
  std::vector<std::string> texts = texts_attribute(object, name);
  if (texts.size() != 1) damaged(name + " is not one text");
  return std::move(texts.front());
}

std::int64_t Reader::integer_attribute(const std::string& object, const std::string& name) const {
  Handle owner;
  const Handle found = attribute(object, name, owner);
  const Handle type(H5Aget_type(found.get()), H5Tclose), space(H5Aget_space(found.get()), H5Sclose);
  std::int64_t value = 0;
  const bool fits = H5Tget_class(type.get()) == H5T_INTEGER && H5Sget_simple_extent_npoints(space.get()) == 1;
  if (!fits || H5Aread(found.get(), H5T_NATIVE_INT64, &value) < 0) damaged(name + " is not one integer");
  return value;
}

}  // namespace nextbest::h5
