#pragma once

#include "tests/simt/grid.hpp"

// Atomic operations, for the types that CUDA offers them for. Relaxed, as on the device: they order nothing else.

namespace simt {

/// What peek() of kernels/cuda/device is in the emulator.
inline unsigned peek(const unsigned* address) {
  perhaps_pause();
  return __atomic_load_n(address, __ATOMIC_RELAXED);
}

template <class T, class Change>
T change_atomically(T* address, Change&& change) {
  perhaps_pause();
  T before = __atomic_load_n(address, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(address, &before, change(before), false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return before;
}

template <class T>
concept AtomicInteger = std::is_same_v<T, int> || std::is_same_v<T, unsigned> || std::is_same_v<T, unsigned long long>;
template <class T>
concept OrderedInteger = AtomicInteger<T> || std::is_same_v<T, long long>;

}  // namespace simt

// The operand never decides the type: CUDA's functions are no templates, so it is converted.
template <simt::AtomicInteger T>
T atomicAdd(T* address, std::type_identity_t<T> value) {
  simt::perhaps_pause();
  return __atomic_fetch_add(address, value, __ATOMIC_RELAXED);
}
template <simt::OrderedInteger T>
T atomicMax(T* address, std::type_identity_t<T> value) {
  return simt::change_atomically(address, [&](T before) { return before < value ? value : before; });
}
template <simt::OrderedInteger T>
T atomicMin(T* address, std::type_identity_t<T> value) {
  return simt::change_atomically(address, [&](T before) { return value < before ? value : before; });
}
template <simt::AtomicInteger T>
T atomicOr(T* address, std::type_identity_t<T> value) {
  simt::perhaps_pause();
  return __atomic_fetch_or(address, value, __ATOMIC_RELAXED);
}
template <simt::AtomicInteger T>
T atomicExch(T* address, std::type_identity_t<T> value) {
  simt::perhaps_pause();
  return __atomic_exchange_n(address, value, __ATOMIC_RELAXED);
}
template <simt::AtomicInteger T>
T atomicCAS(T* address, std::type_identity_t<T> expected, std::type_identity_t<T> wanted) {
  simt::perhaps_pause();
  __atomic_compare_exchange_n(address, &expected, wanted, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  return expected;
}
