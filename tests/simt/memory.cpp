#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "tests/simt/runtime.hpp"
#include "tests/simt/sanitizers.hpp"
#include "tests/simt/shared_memory.hpp"
#include "tests/simt/stream.hpp"

namespace simt {
namespace {

std::map<const std::byte*, std::size_t> allocations;  // of device memory
std::size_t allocated = 0, most_allocated = 0;
constexpr std::size_t kGap = 64;  // behind each of them
constexpr unsigned char kOfNobody = 0x6B;
std::size_t device_memory = std::size_t{2} << 30;

/// Whether all of [memory, memory + size) lies in one allocation of the device, or, for host memory, in none.
bool lies_on(bool device, const void* memory, std::size_t size) {
  const auto* begin = static_cast<const std::byte*>(memory);
  const auto next = allocations.upper_bound(begin);
  if (next == allocations.begin()) return !device;
  const auto& [start, length] = *std::prev(next);
  return device ? begin + size <= start + length : begin >= start + length;
}

struct Copy {
  void* to;
  std::size_t to_pitch;
  const void* from;
  std::size_t from_pitch;
  std::size_t width;
  std::size_t height;
  cudaMemcpyKind kind;

  std::string run() const {
    if (width == 0 || height == 0) return "";
    const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
    const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
    if (!lies_on(from_device, from, (height - 1) * from_pitch + width)) return "a copy reads where it must not";
    if (!lies_on(to_device, to, (height - 1) * to_pitch + width)) return "a copy writes where it must not";
    for (std::size_t r = 0; r < height; ++r)
      std::memcpy(static_cast<std::byte*>(to) + r * to_pitch, static_cast<const std::byte*>(from) + r * from_pitch,
                  width);
    return "";
  }
};

}  // namespace

std::string overrun() {
  if (kForbids) return "";
  for (const auto& [memory, size] : allocations)
    if (!std::all_of(memory + size, memory + size + kGap, [](std::byte b) { return b == std::byte{kOfNobody}; }))
      return "device memory written behind the end of " + std::to_string(size) + " bytes";
  return "";
}

std::size_t allocated_bytes() {
  return allocated;
}
std::size_t peak_bytes() {
  return most_allocated;
}
void reset_peak_bytes() {
  most_allocated = allocated;
}
void set_device_memory(std::size_t bytes) {
  device_memory = bytes;
}

}  // namespace simt

cudaError_t cudaMemGetInfo(std::size_t* available, std::size_t* total) {
  *total = simt::device_memory;
  *available = simt::device_memory > simt::allocated ? simt::device_memory - simt::allocated : 0;
  return cudaSuccess;
}

cudaError_t cudaMallocAsync(void** memory, std::size_t size, cudaStream_t) {
  if (simt::allocated + size > simt::device_memory) return cudaErrorMemoryAllocation;
  void* found = nullptr;
  if (::posix_memalign(&found, 256, size + simt::kGap) != 0) return cudaErrorMemoryAllocation;
  simt::spoil(found, size);
  auto* gap = static_cast<std::byte*>(found) + size;
  std::memset(gap, simt::kOfNobody, simt::kGap);
  simt::forbid(gap, simt::kGap);
  simt::allocations[static_cast<const std::byte*>(found)] = size;
  simt::allocated += size;
  simt::most_allocated = std::max(simt::most_allocated, simt::allocated);
  *memory = found;
  return cudaSuccess;
}

cudaError_t cudaFreeAsync(void* memory, cudaStream_t stream) {
  const bool idle = stream->idle();  // then there is nothing to wait for
  stream->enqueue_always([memory]() -> std::string {
    const auto found = simt::allocations.find(static_cast<const std::byte*>(memory));
    if (found == simt::allocations.end()) return "cudaFreeAsync of what is not allocated";
    simt::allow(found->first + found->second, simt::kGap);
    simt::allocated -= found->second;
    simt::allocations.erase(found);
    std::free(memory);
    return "";
  });
  if (idle) stream->run();
  return cudaSuccess;
}

cudaError_t cudaMallocHost(void** memory, std::size_t size) {
  *memory = std::malloc(size == 0 ? 1 : size);
  return *memory == nullptr ? cudaErrorMemoryAllocation : cudaSuccess;
}
cudaError_t cudaFreeHost(void* memory) {
  std::free(memory);
  return cudaSuccess;
}

cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                              std::size_t width, std::size_t height, cudaMemcpyKind kind, cudaStream_t stream) {
  const simt::Copy copy{to, to_pitch, from, from_pitch, width, height, kind};
  stream->enqueue([copy] { return copy.run(); });
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t size, cudaMemcpyKind kind, cudaStream_t stream) {
  return cudaMemcpy2DAsync(to, size, from, size, size, 1, kind, stream);
}
cudaError_t cudaMemsetAsync(void* memory, int value, std::size_t size, cudaStream_t stream) {
  stream->enqueue([=]() -> std::string {
    if (size > 0 && !simt::lies_on(true, memory, size)) return "a memset writes where it must not";
    if (size > 0) std::memset(memory, value, size);
    return "";
  });
  return cudaSuccess;
}
