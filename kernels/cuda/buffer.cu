#include "kernels/core/error.hpp"
#include "kernels/cuda/buffer.hpp"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/memory_account.hpp"

namespace nextbest::cuda {
namespace {

// Offsets of a slice, made to start at 0. A thread per offset.
__global__ void subtract_kernel(Offset* offsets, Offset n, Offset first) {
  for_each_index(n, [&](Offset i) { offsets[i] -= first; });
}

Lines lines(const void* device, std::size_t device_pitch, const void* host, std::size_t host_pitch, std::size_t width,
            std::size_t count) {
  return {static_cast<std::byte*>(const_cast<void*>(device)),
          device_pitch,
          static_cast<std::byte*>(const_cast<void*>(host)),
          host_pitch,
          width,
          count};
}

}  // namespace

DeviceMemory::DeviceMemory(const Stream& stream, std::size_t bytes) : stream_(stream.get()) {
  if (bytes == 0) return;
  const bool allowed = reserve(bytes);
  const cudaError_t result = allowed ? cudaMallocAsync(&data_, bytes, stream_) : cudaErrorMemoryAllocation;
  if (result == cudaSuccess) {
    bytes_ = bytes;
    count_taken();
    return;
  }
  if (allowed) count_released(bytes);
  if (result != cudaErrorMemoryAllocation) stream.check(result, "taking device memory");
  cudaGetLastError();
  throw DoesNotFit(std::string(stream.operation()) + " on the GPU (device.max_device_memory)",
                   static_cast<std::int64_t>(bytes), static_cast<std::int64_t>(free_bytes(stream)));
}

DeviceMemory::~DeviceMemory() {
  if (data_ == nullptr) return;
  if (cudaFreeAsync(data_, stream_) != cudaSuccess) cudaGetLastError();
  count_released(bytes_);
}

void copy_bytes_to_device(const Stream& stream, void* to, const void* from, std::size_t bytes) {
  copy_rows_to_device(stream, to, bytes, from, bytes, bytes, 1);
}

void copy_bytes_to_host(const Stream& stream, void* to, const void* from, std::size_t bytes) {
  copy_rows_to_host(stream, to, bytes, from, bytes, bytes, 1);
}

void copy_rows_to_device(const Stream& stream, void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                         std::size_t width, std::size_t rows) {
  if (width == 0 || rows == 0) return;
  const bool staged = width * rows >= staging_tuning().least;
  stream.check(
      staged ? stream.staging().to_device(stream.get(), lines(to, to_pitch, from, from_pitch, width, rows))
             : cudaMemcpy2DAsync(to, to_pitch, from, from_pitch, width, rows, cudaMemcpyHostToDevice, stream.get()),
      "copying to the GPU");
}

void copy_rows_to_host(const Stream& stream, void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                       std::size_t width, std::size_t rows) {
  if (width == 0 || rows == 0) return;
  const bool staged = width * rows >= staging_tuning().least;
  stream.check(
      staged ? stream.staging().to_host(stream.get(), lines(from, from_pitch, to, to_pitch, width, rows))
             : cudaMemcpy2DAsync(to, to_pitch, from, from_pitch, width, rows, cudaMemcpyDeviceToHost, stream.get()),
      "copying from the GPU");
}

void fill_bytes(const Stream& stream, void* memory, int value, std::size_t bytes) {
  if (bytes == 0) return;
  stream.check(cudaMemsetAsync(memory, value, bytes, stream.get()), "filling memory");
}

CsrBuffer::CsrBuffer(const Stream& stream, Offset rows, Offset cols, Offset nnz, bool with_values)
    : indptr_(stream, rows + 1), indices_(stream, nnz), values_(stream, with_values ? nnz : 0), view_{indptr_.data(),
                                                                                                      indices_.data(),
                                                                                                      values_.data(),
                                                                                                      rows,
                                                                                                      cols,
                                                                                                      nnz} {}

CsrBuffer::CsrBuffer(const Stream& stream, const CsrView<float>& from)
    : CsrBuffer(stream, from.rows(), from.cols, from.nnz(), !from.values.empty()) {
  static constexpr Offset kNone[] = {0};
  const std::span<const Offset> offsets = from.indptr.empty() ? std::span<const Offset>(kNone) : from.indptr;
  const Offset first = offsets.front();
  copy_bytes_to_device(stream, indptr_.data(), offsets.data(), offsets.size_bytes());
  if (first != 0)
    launch(stream, "subtract_kernel", for_elements(device_limits(stream), from.rows() + 1), subtract_kernel,
           indptr_.data(), from.rows() + 1, first);
  copy_bytes_to_device(stream, indices_.data(), from.indices.data() + first, from.nnz() * sizeof(Code));
  if (!from.values.empty())
    copy_bytes_to_device(stream, values_.data(), from.values.data() + first, from.nnz() * sizeof(float));
}

}  // namespace nextbest::cuda
