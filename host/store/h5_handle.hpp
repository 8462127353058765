#pragma once

#include <string>
#include <utility>

#include <hdf5.h>

namespace nextbest::h5 {

/// An HDF5 identifier that closes itself.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);

  Handle() = default;
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }

  hid_t get() const { return id_; }
  bool valid() const { return id_ >= 0; }
  /// @return whether closing succeeded; what was buffered may fail to be written only here
  bool reset() {
    const hid_t id = std::exchange(id_, H5I_INVALID_HID);
    return id < 0 || close_(id) >= 0;
  }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

/// Why the last call of HDF5 on this thread failed.
struct Cause {
  std::string text;  ///< HDF5's innermost message
  int error = 0;     ///< errno of the system call behind it; 0 where there was none
};
Cause last_cause();

/// Comes before any other call of HDF5: it then prints nothing on this thread (errors are exceptions of ours).
void start();
/// A write has failed: HDF5 is not to be cleaned up at the end of the process, which would crash.
void note_failed_write();

/// Properties of file access that all our files share: no file locks (the job has its own, and network file systems
/// often have none), metadata in the format with checksums.
Handle file_access();

/// Bytes before the HDF5 content that are ours: the seal.
inline constexpr std::size_t kUserBlock = 512;

/// The memory type of T.
template <class T>
hid_t native_type();
template <>
inline hid_t native_type<std::int8_t>() {
  return H5T_NATIVE_INT8;
}
template <>
inline hid_t native_type<std::uint8_t>() {
  return H5T_NATIVE_UINT8;
}
template <>
inline hid_t native_type<std::int32_t>() {
  return H5T_NATIVE_INT32;
}
template <>
inline hid_t native_type<std::int64_t>() {
  return H5T_NATIVE_INT64;
}
template <>
inline hid_t native_type<std::uint64_t>() {
  return H5T_NATIVE_UINT64;
}
template <>
inline hid_t native_type<float>() {
  return H5T_NATIVE_FLOAT;
}

/// Variable-length UTF-8, as AnnData stores text.
Handle string_type();

}  // namespace nextbest::h5
