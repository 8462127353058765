#pragma once

#include <string>

#include <cusolverDn.h>

#include "kernels/core/error.hpp"
#include "kernels/cuda/stream.hpp"

namespace nextbest::cuda {

/// cuSOLVER on a stream, which must outlive it.
class Cusolver {
 public:
  explicit Cusolver(const Stream& stream) : stream_(stream) {
    check(cusolverDnCreate(&handle_), "starting cuSOLVER");
    check(cusolverDnSetStream(handle_, stream.get()), "setting the stream");
  }
  ~Cusolver() { cusolverDnDestroy(handle_); }
  Cusolver(const Cusolver&) = delete;
  Cusolver& operator=(const Cusolver&) = delete;

  cusolverDnHandle_t get() const { return handle_; }
  const Stream& stream() const { return stream_; }
  /// @throws CudaError naming the operation and the step, unless the call went well
  void check(cusolverStatus_t status, const char* step) const {
    if (status != CUSOLVER_STATUS_SUCCESS)
      throw CudaError(std::string(stream_.operation()) + ": " + step + ": cuSOLVER status " + std::to_string(status));
  }

 private:
  const Stream& stream_;
  cusolverDnHandle_t handle_ = nullptr;
};

}  // namespace nextbest::cuda
