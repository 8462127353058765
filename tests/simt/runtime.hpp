#pragma once

#include <cstddef>
#include <functional>

#include "tests/simt/types.hpp"

// The runtime's functions, under their names. What a stream is given waits until somebody asks for it (a
// synchronisation, a copy that blocks), as late as CUDA would be allowed to do it: who reads results too early or lets
// a buffer die too soon is found out. Device memory is the host's, full of rubbish at first; copies check that it is
// alive and large enough.

cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaGetDevice(int* device);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device);
cudaError_t cudaDriverGetVersion(int* version);
cudaError_t cudaRuntimeGetVersion(int* version);
cudaError_t cudaMemGetInfo(std::size_t* available, std::size_t* total);
cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int device);
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value);
cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value);
cudaError_t cudaGetLastError();
const char* cudaGetErrorString(cudaError_t error);

cudaError_t cudaMallocAsync(void** memory, std::size_t size, cudaStream_t stream);
cudaError_t cudaFreeAsync(void* memory, cudaStream_t stream);
cudaError_t cudaMallocHost(void** memory, std::size_t size);
cudaError_t cudaFreeHost(void* memory);
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t size, cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                              std::size_t width, std::size_t height, cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaMemsetAsync(void* memory, int value, std::size_t size, cudaStream_t stream);

cudaError_t cudaStreamCreate(cudaStream_t* stream);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaEventCreate(cudaEvent_t* event);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags = 0);

namespace simt {

cudaError_t allow_dynamic_shared(const void* kernel, std::size_t bytes);
cudaError_t enqueue_launch(const cudaLaunchConfig_t& config, const void* kernel, std::function<void()> call);
/// Lets a library's function (sorting, scanning) wait its turn in a stream like a kernel.
cudaError_t enqueue(cudaStream_t stream, std::function<void()> call);

/// For tests: bytes that are allocated now, the most since the last reset, and how many the device has.
std::size_t allocated_bytes();
std::size_t peak_bytes();
void reset_peak_bytes();
void set_device_memory(std::size_t bytes);

}  // namespace simt

template <class Kernel>
cudaError_t cudaFuncSetAttribute(Kernel* kernel, cudaFuncAttribute, int bytes) {
  return simt::allow_dynamic_shared(reinterpret_cast<const void*>(kernel), static_cast<std::size_t>(bytes));
}
