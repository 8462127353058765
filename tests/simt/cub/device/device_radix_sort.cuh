#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "tests/simt/runtime.hpp"

// CUB's radix sort by its contract: stable, by the given bits of the key; called once for the size of its temporary
// memory and once to sort. It needs all of that memory, so a call that gives too little is found out.
namespace cub {

struct DeviceRadixSort {
  template <class Key, class Value>
  static cudaError_t SortPairs(void* temporary, std::size_t& bytes, const Key* keys, Key* sorted_keys,
                               const Value* values, Value* sorted_values, std::int64_t size, int begin_bit, int end_bit,
                               cudaStream_t stream) {
    if (temporary == nullptr) {
      bytes = static_cast<std::size_t>(size) * sizeof(std::int64_t);
      return cudaSuccess;
    }
    return simt::enqueue(stream, [=] {
      auto* order = static_cast<std::int64_t*>(temporary);
      std::iota(order, order + size, std::int64_t{0});
      const Key mask = end_bit - begin_bit >= static_cast<int>(8 * sizeof(Key))
                           ? static_cast<Key>(~Key{0})
                           : static_cast<Key>((Key{1} << (end_bit - begin_bit)) - 1);
      std::stable_sort(order, order + size, [&](std::int64_t x, std::int64_t y) {
        return (keys[x] >> begin_bit & mask) < (keys[y] >> begin_bit & mask);
      });
      for (std::int64_t i = 0; i < size; ++i) {
        sorted_keys[i] = keys[order[i]];
        sorted_values[i] = values[order[i]];
      }
    });
  }
};

}  // namespace cub
