#include "host/store/h5_writer.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "host/store/seal.hpp"
#include "kernels/core/error.hpp"
#include "kernels/core/parallel_in_order.hpp"

namespace nextbest::h5 {
namespace {

/// Bytes of one place along the first axis.
std::size_t row_bytes(hid_t type, const std::vector<hsize_t>& shape) {
  return std::accumulate(shape.begin() + 1, shape.end(), H5Tget_size(type), std::multiplies<>{});
}

/// Places of one chunk along the first axis: about a mebibyte, so that a chunk fits HDF5's cache.
hsize_t chunk_rows(hid_t type, const std::vector<hsize_t>& shape) {
  const hsize_t wanted = std::max<hsize_t>(1, (hsize_t{1} << 20) / std::max<std::size_t>(1, row_bytes(type, shape)));
  return std::min(wanted, shape[0]);
}

bool is_empty(const std::vector<hsize_t>& shape) {
  return std::find(shape.begin(), shape.end(), hsize_t{0}) != shape.end();
}

/// Strings are handed to HDF5 in blocks of this many.
constexpr Offset kStringsWritten = 1 << 16;

/// Objects are made without the time of day, so that equal content is equal bytes.
Handle untimed(hid_t kind) {
  Handle creation(H5Pcreate(kind), H5Pclose);
  H5Pset_obj_track_times(creation.get(), false);
  return creation;
}

}  // namespace

Writer::Writer(const std::filesystem::path& path, const std::string& kind, std::int64_t version, const FileStamp& stamp,
               const Context& ctx)
    : kind_(kind), version_(version), ctx_(ctx), target_(path) {
  start();
  const Handle creation = untimed(H5P_FILE_CREATE);
  H5Pset_userblock(creation.get(), kUserBlock);
  const Handle access = file_access();
  file_ = checked(H5Fcreate(target_.temporary().c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose);
  attribute("/", "kind", kind);
  attribute("/", "format_version", version);
  attribute("/", "program", std::string("nextbest ") + NEXTBEST_VERSION);
  attribute("/", "run_id", stamp.run_id);
  attribute("/", "inputs_hash", stamp.inputs_hash);
  attribute("/", "settings_hash", stamp.settings_hash);
}

void Writer::check(bool succeeded) {
  if (succeeded) return;
  note_failed_write();
  const Cause cause = last_cause();
  if (cause.error != 0) throw_output_error(target_.target(), cause.error);
  throw OutputError("cannot write " + target_.target().string() + ": HDF5 says \"" + cause.text + "\"");
}

Handle Writer::checked(hid_t id, Handle::Close close) {
  check(id >= 0);
  return Handle(id, close);
}

void Writer::group(const std::string& path, const std::string& type, const std::string& version) {
  const Handle creation = untimed(H5P_GROUP_CREATE);
  checked(H5Gcreate2(file_.get(), path.c_str(), H5P_DEFAULT, creation.get(), H5P_DEFAULT), H5Gclose);
  if (!type.empty()) encoding(path, type, version);
}

Handle Writer::create_dataset(const std::string& path, hid_t type, const std::vector<hsize_t>& shape, Packing packing) {
  const Handle space = checked(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose);
  const Handle layout = untimed(H5P_DATASET_CREATE);
  if (!is_empty(shape)) {
    std::vector<hsize_t> chunk = shape;
    chunk[0] = chunk_rows(type, shape);
    check(H5Pset_chunk(layout.get(), static_cast<int>(chunk.size()), chunk.data()) >= 0);
    if (packing == Packing::kDeflate) {
      check(H5Pset_shuffle(layout.get()) >= 0);
      check(H5Pset_deflate(layout.get(), 1) >= 0);
    }
    // HDF5 has no filters for variable-length text; only the seal guards it.
    if (H5Tis_variable_str(type) <= 0) check(H5Pset_fletcher32(layout.get()) >= 0);
  }
  return checked(H5Dcreate2(file_.get(), path.c_str(), type, space.get(), H5P_DEFAULT, layout.get(), H5P_DEFAULT),
                 H5Dclose);
}

void Writer::dataset(const std::string& path, hid_t type, const void* data, const std::vector<hsize_t>& shape,
                     Packing packing) {
  Handle set = create_dataset(path, type, shape, packing);
  if (!is_empty(shape)) write_chunks(set, type, data, shape, packing);
  check(set.reset());
  encoding(path, "array", "0.2.0");
  target_.start_sync();
}

void Writer::write_chunks(const Handle& set, hid_t type, const void* data, const std::vector<hsize_t>& shape,
                          Packing packing) {
  const std::size_t each = row_bytes(type, shape), element = H5Tget_size(type);
  const hsize_t rows = chunk_rows(type, shape);
  const std::size_t chunk_bytes = rows * each;
  const std::span<const std::uint8_t> bytes(static_cast<const std::uint8_t*>(data), shape[0] * each);
  std::vector<hsize_t> place(shape.size());
  parallel_in_order(
      ctx_, static_cast<std::int64_t>((shape[0] + rows - 1) / rows),
      [&](std::int64_t i, int) {
        const std::size_t begin = static_cast<std::size_t>(i) * chunk_bytes;
        return pack_chunk(bytes.subspan(begin, std::min(chunk_bytes, bytes.size() - begin)), chunk_bytes, element,
                          packing);
      },
      [&](const PackedChunk& chunk) {
        check(H5Dwrite_chunk(set.get(), H5P_DEFAULT, chunk.skipped_filters, place.data(), chunk.bytes.size(),
                             chunk.bytes.data()) >= 0);
        place[0] += rows;
      });
}

void Writer::strings(const std::string& path, Offset size, const std::function<std::string_view(Offset)>& at) {
  const Handle type = string_type();
  Handle set = create_dataset(path, type.get(), {static_cast<hsize_t>(size)}, Packing::kPlain);
  std::vector<std::string> block;
  std::vector<const char*> pointers;
  for (Offset begin = 0; begin < size; begin += kStringsWritten) {
    const Offset end = std::min(size, begin + kStringsWritten);
    block.clear();
    pointers.clear();
    for (Offset i = begin; i < end; ++i) {
      block.emplace_back(at(i));
      if (block.back().find('\0') != std::string::npos) {
        throw DataError("the text \"" + block.back() + "\" holds a zero byte, which the store cannot keep: clean " +
                        path);
      }
    }
    for (const std::string& text : block) pointers.push_back(text.c_str());
    const hsize_t start = static_cast<hsize_t>(begin), count = static_cast<hsize_t>(end - begin);
    const Handle in_file = checked(H5Dget_space(set.get()), H5Sclose);
    check(H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, &start, nullptr, &count, nullptr) >= 0);
    const Handle in_memory = checked(H5Screate_simple(1, &count, nullptr), H5Sclose);
    check(H5Dwrite(set.get(), type.get(), in_memory.get(), in_file.get(), H5P_DEFAULT, pointers.data()) >= 0);
  }
  check(set.reset());
  encoding(path, "string-array", "0.2.0");
}

void Writer::dictionary(const std::string& path, const Dictionary& ids) {
  const Offset size = ids.size();
  if (ids.type() == IdType::kString) return strings(path, size, [&](Offset c) { return ids.string_at(c); });
  if (ids.type() == IdType::kInt64) {
    std::vector<std::int64_t> values(static_cast<std::size_t>(size));
    for (Offset c = 0; c < size; ++c) values[c] = ids.int64_at(c);
    return array<std::int64_t>(path, values, Packing::kDeflate);
  }
  std::vector<std::uint64_t> values(static_cast<std::size_t>(size));
  for (Offset c = 0; c < size; ++c) values[c] = ids.uint64_at(c);
  array<std::uint64_t>(path, values, Packing::kDeflate);
}

void Writer::encoding(const std::string& object, const std::string& type, const std::string& version) {
  attribute(object, "encoding-type", type);
  attribute(object, "encoding-version", version);
}

void Writer::write_attribute(const std::string& object, const std::string& name, hid_t type, const Handle& space,
                             const void* data) {
  const Handle owner = checked(H5Oopen(file_.get(), object.c_str(), H5P_DEFAULT), H5Oclose);
  const Handle attribute =
      checked(H5Acreate2(owner.get(), name.c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  check(data == nullptr || H5Awrite(attribute.get(), type, data) >= 0);
}

void Writer::attribute(const std::string& object, const std::string& name, const std::string& value) {
  const Handle space = checked(H5Screate(H5S_SCALAR), H5Sclose);
  const char* text = value.c_str();
  write_attribute(object, name, string_type().get(), space, &text);
}

void Writer::attribute(const std::string& object, const std::string& name, std::int64_t value) {
  const Handle space = checked(H5Screate(H5S_SCALAR), H5Sclose);
  write_attribute(object, name, H5T_NATIVE_INT64, space, &value);
}

void Writer::attribute(const std::string& object, const std::string& name, std::span<const std::int64_t> values) {
  const hsize_t size = values.size();
  const Handle space = checked(H5Screate_simple(1, &size, nullptr), H5Sclose);
  write_attribute(object, name, H5T_NATIVE_INT64, space, values.data());
}

void Writer::attribute(const std::string& object, const std::string& name, const std::vector<std::string>& values) {
  const hsize_t size = values.size();
  const Handle space = checked(H5Screate_simple(1, &size, nullptr), H5Sclose);
  std::vector<const char*> pointers;
  for (const std::string& value : values) pointers.push_back(value.c_str());
  write_attribute(object, name, string_type().get(), space, pointers.empty() ? nullptr : pointers.data());
}

void Writer::commit() {
  check(H5Fflush(file_.get(), H5F_SCOPE_GLOBAL) >= 0);
  check(file_.reset());
  seal_file(target_.temporary(), kind_, version_);
  target_.commit();
}

}  // namespace nextbest::h5
