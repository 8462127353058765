#pragma once

#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

#include "kernels/core/csr.hpp"
#include "kernels/core/view.hpp"
#include "kernels/cuda/stream.hpp"

namespace nextbest::cuda {

/// Device memory in the order of a stream: taken when the stream gets there, given back after what the stream was
/// given before the destructor. The stream must outlive it.
class DeviceMemory {
 public:
  DeviceMemory() = default;
  /// @throws DoesNotFit
  DeviceMemory(const Stream& stream, std::size_t bytes);
  ~DeviceMemory();
  DeviceMemory(DeviceMemory&& other) noexcept { swap(other); }
  DeviceMemory& operator=(DeviceMemory&& other) noexcept {
    swap(other);
    return *this;
  }
  void* data() const { return data_; }

 private:
  void swap(DeviceMemory& other) noexcept {
    std::swap(stream_, other.stream_);
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
  }
  cudaStream_t stream_ = nullptr;
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// `size` elements on the device, not initialised. Move-only.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Buffer() = default;
  Buffer(const Stream& stream, std::size_t size) : memory_(stream, size * sizeof(T)), size_(size) {}
  T* data() const { return static_cast<T*>(memory_.data()); }
  std::size_t size() const { return size_; }

 private:
  DeviceMemory memory_;
  std::size_t size_ = 0;
};

/// Copies between host and device, in the order of the stream; large ones through pinned memory (staging.hpp). Host
/// memory must stay until the stream is synchronised.
void copy_bytes_to_device(const Stream& stream, void* to, const void* from, std::size_t bytes);
void copy_bytes_to_host(const Stream& stream, void* to, const void* from, std::size_t bytes);
/// Rows of `width` bytes; consecutive ones lie a pitch apart.
void copy_rows_to_device(const Stream& stream, void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                         std::size_t width, std::size_t rows);
void copy_rows_to_host(const Stream& stream, void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                       std::size_t width, std::size_t rows);
void fill_bytes(const Stream& stream, void* memory, int value, std::size_t bytes);

template <class T>
Buffer<T> to_device(const Stream& stream, std::span<const T> from) {
  Buffer<T> buffer(stream, from.size());
  copy_bytes_to_device(stream, buffer.data(), from.data(), from.size_bytes());
  return buffer;
}
/// The matrix without gaps between its rows.
template <class T>
Buffer<std::remove_const_t<T>> to_device(const Stream& stream, const Matrix<T>& from) {
  Buffer<std::remove_const_t<T>> buffer(stream, static_cast<std::size_t>(from.rows) * from.cols);
  copy_rows_to_device(stream, buffer.data(), from.cols * sizeof(T), from.data, from.stride * sizeof(T),
                      from.cols * sizeof(T), from.rows);
  return buffer;
}
template <class T>
void to_host(const Stream& stream, const T* from, std::type_identity_t<std::span<T>> to) {
  copy_bytes_to_host(stream, to.data(), from, to.size_bytes());
}
/// `from` has no gaps between its rows.
template <class T>
void to_host(const Stream& stream, const T* from, const std::type_identity_t<Matrix<T>>& to) {
  copy_rows_to_host(stream, to.data, to.stride * sizeof(T), from, to.cols * sizeof(T), to.cols * sizeof(T), to.rows);
}
template <class T>
Buffer<T> zeros(const Stream& stream, std::size_t size) {
  Buffer<T> buffer(stream, size);
  fill_bytes(stream, buffer.data(), 0, size * sizeof(T));
  return buffer;
}

/// A sparse matrix on the device, as kernels see it. Offsets start at 0; without values every entry is 1.
struct DeviceCsr {
  const Offset* indptr;
  const Code* indices;
  const float* values;  ///< or nullptr
  Offset rows;
  Offset cols;
  Offset nnz;
};

/// Owns what a DeviceCsr shows.
class CsrBuffer {
 public:
  /// Brings the entries of `from` (which may be a slice of rows) to the device.
  CsrBuffer(const Stream& stream, const CsrView<float>& from);
  /// A matrix [rows, cols] of nnz entries, not initialised.
  CsrBuffer(const Stream& stream, Offset rows, Offset cols, Offset nnz, bool with_values);
  const DeviceCsr& view() const { return view_; }
  Offset* indptr() const { return indptr_.data(); }
  Code* indices() const { return indices_.data(); }
  float* values() const { return values_.data(); }  ///< nullptr without values

 private:
  Buffer<Offset> indptr_;
  Buffer<Code> indices_;
  Buffer<float> values_;
  DeviceCsr view_{};
};

}  // namespace nextbest::cuda
