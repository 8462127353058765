#pragma once

// What the emulator offers under the name of CUDA's header: the part of the language and of the runtime that our
// kernels use. A missing word is added here, with its check.

#include <cmath>
#include <functional>
#include <tuple>
#include <utility>

#include "tests/simt/atomics.hpp"
#include "tests/simt/grid.hpp"
#include "tests/simt/runtime.hpp"
#include "tests/simt/shared.hpp"
#include "tests/simt/types.hpp"
#include "tests/simt/warp.hpp"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __restrict__ __restrict
// Every thread runs the declaration; Shared<T> finds the block's one T.
#define __shared__

#define warpSize 32

namespace simt {

/// One of the numbers that CUDA gives every thread; asked for when it is read.
template <unsigned (*Ask)()>
struct Asked {
  operator unsigned() const { return Ask(); }
};
template <uint3 (*Ask)()>
struct AskedThree {
  static unsigned ask_x() { return Ask().x; }
  static unsigned ask_y() { return Ask().y; }
  static unsigned ask_z() { return Ask().z; }
  Asked<ask_x> x;
  Asked<ask_y> y;
  Asked<ask_z> z;
};

}  // namespace simt

inline constexpr simt::AskedThree<simt::thread_index> threadIdx{};
inline constexpr simt::AskedThree<simt::block_index> blockIdx{};
inline constexpr simt::AskedThree<simt::block_extent> blockDim{};
inline constexpr simt::AskedThree<simt::grid_extent> gridDim{};

inline void __syncthreads(const std::source_location where = std::source_location::current()) {
  simt::wait_for_block(where);
}

template <class... Expected, class... Given>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Expected...), Given&&... given) {
  std::tuple<Expected...> arguments(std::forward<Given>(given)...);
  return simt::enqueue_launch(*config, reinterpret_cast<const void*>(kernel),
                              [kernel, arguments] { std::apply(kernel, arguments); });
}

template <class T>
T __ldg(const T* address) {
  return *address;
}
inline int __popc(unsigned x) {
  return __builtin_popcount(x);
}
inline int __popcll(unsigned long long x) {
  return __builtin_popcountll(x);
}
inline int __ffs(int x) {
  return __builtin_ffs(x);
}
inline int __clz(int x) {
  return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x));
}
inline float __fmaf_rn(float x, float y, float z) {
  return std::fma(x, y, z);
}
inline double __fma_rn(double x, double y, double z) {
  return std::fma(x, y, z);
}
inline unsigned __float_as_uint(float x) {
  return __builtin_bit_cast(unsigned, x);
}
inline float __uint_as_float(unsigned x) {
  return __builtin_bit_cast(float, x);
}
