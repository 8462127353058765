#include <cstring>

#include "tests/simt/runtime.hpp"
#include "tests/simt/shared_memory.hpp"

// The one device of the emulator.

namespace {
constexpr int kMultiprocessors = 2;
}

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
  *version = 0;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = 0;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  std::size_t available = 0;
  *properties = {};
  std::strcpy(properties->name, "emulated device");
  properties->sharedMemPerBlockOptin = simt::kMostShared;
  properties->multiProcessorCount = kMultiprocessors;
  properties->major = 9;
  return cudaMemGetInfo(&available, &properties->totalGlobalMem);
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int) {
  *value = attribute == cudaDevAttrMultiProcessorCount ? kMultiprocessors : static_cast<int>(simt::kMostShared);
  return cudaSuccess;
}

// The pool keeps nothing that it does not use.
cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int) {
  *pool = nullptr;
  return cudaSuccess;
}
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, cudaMemPoolAttr, void*) {
  return cudaSuccess;
}
cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t, cudaMemPoolAttr, void* value) {
  *static_cast<std::uint64_t*>(value) = simt::allocated_bytes();
  return cudaSuccess;
}
