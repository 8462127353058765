#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "kernels/core/error.hpp"
#include "kernels/cuda/memory_account.hpp"
#include "kernels/cuda/stream.hpp"

namespace nextbest::cuda {
namespace {

// Freed memory stays with the process, or every synchronisation would give it back to the driver.
void keep_freed_memory() {
  int device = 0;
  cudaMemPool_t pool = nullptr;
  std::uint64_t everything = std::numeric_limits<std::uint64_t>::max();
  if (cudaGetDevice(&device) != cudaSuccess || cudaDeviceGetDefaultMemPool(&pool, device) != cudaSuccess ||
      cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &everything) != cudaSuccess)
    cudaGetLastError();  // only slower
}

// What the pool holds without using it.
std::size_t idle_bytes(const Stream& stream) {
  int device = 0;
  cudaMemPool_t pool = nullptr;
  std::uint64_t reserved = 0, used = 0;
  stream.check(cudaGetDevice(&device), "asking for the device");
  stream.check(cudaDeviceGetDefaultMemPool(&pool, device), "asking for the memory pool");
  stream.check(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrReservedMemCurrent, &reserved), "asking for its size");
  stream.check(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrUsedMemCurrent, &used), "asking for its use");
  return reserved - used;
}

}  // namespace

Stream::Stream(const char* operation) : operation_(operation) {
  int devices = 0;
  const cudaError_t found = cudaGetDeviceCount(&devices);
  if (found != cudaSuccess || devices == 0) {
    cudaGetLastError();  // the next call must not find it
    throw DeviceUnavailable(std::string(operation) + ": no usable GPU (" +
                            (found == cudaSuccess ? "none found" : cudaGetErrorString(found)) +
                            "); check the driver with nvidia-smi, or use --device cpu");
  }
  [[maybe_unused]] static const bool once = (keep_freed_memory(), true);
  check(cudaStreamCreate(&stream_), "making a stream");
}

// Waits, since what the stream still does may use buffers of the caller. An error was thrown by synchronize() already,
// or there is another on its way.
Stream::~Stream() {
  if (cudaStreamSynchronize(stream_) != cudaSuccess) cudaGetLastError();
  cudaStreamDestroy(stream_);
}

void Stream::synchronize() const {
  check(staging_.drain(), "copying from the GPU");
  check(cudaStreamSynchronize(stream_), "waiting for the GPU");
}

void Stream::check(cudaError_t result, const char* step) const {
  if (result == cudaSuccess) return;
  cudaGetLastError();
  throw CudaError(std::string(operation_) + ": " + step + ": " + cudaGetErrorString(result));
}

DeviceLimits device_limits(const Stream& stream) {
  int device = 0, multiprocessors = 0, shared = 0;
  stream.check(cudaGetDevice(&device), "asking for the device");
  stream.check(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device), "asking for its size");
  stream.check(cudaDeviceGetAttribute(&shared, cudaDevAttrMaxSharedMemoryPerBlockOptin, device),
               "asking for its shared memory");
  return {multiprocessors, static_cast<std::size_t>(shared)};
}

std::size_t free_bytes(const Stream& stream) {
  std::size_t available = 0, total = 0;
  stream.check(cudaMemGetInfo(&available, &total), "asking for free memory");
  return std::min(available + idle_bytes(stream), left_of_limit());
}

}  // namespace nextbest::cuda
