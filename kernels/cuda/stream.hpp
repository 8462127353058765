#pragma once

#include <cstddef>
#include <vector>

#include <cuda_runtime.h>

#include "kernels/cuda/staging.hpp"

namespace nextbest::cuda {

/// The CUDA stream of one call of an operation, on the current device. Everything that the call does on the device goes
/// through it, in order. Errors name the operation.
class Stream {
 public:
  /// operation  a literal.  @throws DeviceUnavailable where no GPU can be used
  explicit Stream(const char* operation);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  const char* operation() const { return operation_; }
  cudaStream_t get() const { return stream_; }
  /// Waits until everything is done that was given to the stream.  @throws CudaError
  void synchronize() const;
  /// Throws CudaError, naming the operation, `step` and the cause, unless `result` is cudaSuccess.
  void check(cudaError_t result, const char* step) const;
  /// For large copies.
  Staging& staging() const { return staging_; }

 private:
  const char* operation_;
  cudaStream_t stream_ = nullptr;
  mutable Staging staging_;
};

/// What the launches of a call have to fit.
struct DeviceLimits {
  int multiprocessors = 0;
  std::size_t shared_bytes = 0;  ///< shared memory that a block can be allowed
};
DeviceLimits device_limits(const Stream& stream);

/// Bytes of device memory that can be taken now.
std::size_t free_bytes(const Stream& stream);

}  // namespace nextbest::cuda
