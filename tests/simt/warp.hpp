#pragma once

#include <cstring>
#include <source_location>

#include "tests/simt/grid.hpp"

// Warp operations: every lane of the mask hands in a value and gets to see everybody's. Shuffles exchange values but do
// not order memory; __syncwarp does.

namespace simt {

template <class T>
std::uint64_t as_bits(T value) {
  static_assert(sizeof(T) <= sizeof(std::uint64_t));
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  return bits;
}
template <class T>
T from_bits(std::uint64_t bits) {
  T value;
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

/// The value of lane `source`; what a lane outside the mask holds is undefined, so asking for it is a fault.
template <class T>
T take(unsigned mask, unsigned source) {
  if (!(mask >> source & 1)) fail("wrong mask: a shuffle reads a lane that it does not name");
  return from_bits<T>(exchanged(source));
}

inline unsigned own_lane() {
  return this_thread().lane();
}

}  // namespace simt

inline void __syncwarp(unsigned mask = 0xFFFFFFFF, const std::source_location where = std::source_location::current()) {
  simt::wait_for_warp("__syncwarp", mask, 0, where);
}

template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32,
              const std::source_location where = std::source_location::current()) {
  simt::wait_for_warp("__shfl_sync", mask, simt::as_bits(value), where);
  const unsigned lane = simt::own_lane(), group = lane & ~static_cast<unsigned>(width - 1);
  return simt::take<T>(mask, group + (static_cast<unsigned>(source) & static_cast<unsigned>(width - 1)));
}

template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32,
                   const std::source_location where = std::source_location::current()) {
  simt::wait_for_warp("__shfl_down_sync", mask, simt::as_bits(value), where);
  const unsigned lane = simt::own_lane(), last = lane | static_cast<unsigned>(width - 1);
  return lane + delta > last ? value : simt::take<T>(mask, lane + delta);
}

template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32,
                 const std::source_location where = std::source_location::current()) {
  simt::wait_for_warp("__shfl_up_sync", mask, simt::as_bits(value), where);
  const unsigned lane = simt::own_lane(), first = lane & ~static_cast<unsigned>(width - 1);
  return lane < first + delta ? value : simt::take<T>(mask, lane - delta);
}

template <class T>
T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32,
                  const std::source_location where = std::source_location::current()) {
  simt::wait_for_warp("__shfl_xor_sync", mask, simt::as_bits(value), where);
  const unsigned lane = simt::own_lane(), source = lane ^ static_cast<unsigned>(bits);
  const unsigned last = lane | static_cast<unsigned>(width - 1);
  return source > last ? value : simt::take<T>(mask, source);
}

inline unsigned __ballot_sync(unsigned mask, int predicate,
                              const std::source_location where = std::source_location::current()) {
  simt::wait_for_warp("__ballot_sync", mask, predicate != 0, where);
  unsigned votes = 0;
  for (unsigned l = 0; l < simt::kWarpSize; ++l)
    if (mask >> l & 1) votes |= static_cast<unsigned>(simt::exchanged(l)) << l;
  return votes;
}
inline int __any_sync(unsigned mask, int predicate,
                      const std::source_location where = std::source_location::current()) {
  return __ballot_sync(mask, predicate, where) != 0;
}
inline int __all_sync(unsigned mask, int predicate,
                      const std::source_location where = std::source_location::current()) {
  return __ballot_sync(mask, predicate, where) == mask;
}
template <class T>
unsigned __match_any_sync(unsigned mask, T value, const std::source_location where = std::source_location::current()) {
  const std::uint64_t own = simt::as_bits(value);
  simt::wait_for_warp("__match_any_sync", mask, own, where);
  unsigned same = 0;
  for (unsigned l = 0; l < simt::kWarpSize; ++l)
    if ((mask >> l & 1) && simt::exchanged(l) == own) same |= 1u << l;
  return same;
}
