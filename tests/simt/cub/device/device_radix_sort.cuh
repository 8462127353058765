#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "tests/simt/runtime.hpp"

// CUB's radix sort by its contract: stable, by the given bits of the key; called once for the size of its temporary
// memory and once to sort, from the current ones of two buffers into the other ones, which become the current ones.
namespace cub {

template <class T>
class DoubleBuffer {
 public:
  DoubleBuffer(T* current, T* alternate) : buffers_{current, alternate} {}
  T* Current() const { return buffers_[selector]; }
  T* Alternate() const { return buffers_[1 - selector]; }
  int selector = 0;

 private:
  T* buffers_[2];
};

struct DeviceRadixSort {
  template <class Key, class Value>
  static cudaError_t SortPairs(void* temporary, std::size_t& bytes, DoubleBuffer<Key>& keys,
                               DoubleBuffer<Value>& values, std::int64_t size, int begin_bit, int end_bit,
                               cudaStream_t stream) {
    if (temporary == nullptr) {
      bytes = 1;
      return cudaSuccess;
    }
    const Key* from = keys.Current();
    const Value* values_from = values.Current();
    Key* to = keys.Alternate();
    Value* values_to = values.Alternate();
    keys.selector = 1 - keys.selector;
    values.selector = 1 - values.selector;
    return simt::enqueue(stream, [=] {
      std::vector<std::int64_t> order(static_cast<std::size_t>(size));
      std::iota(order.begin(), order.end(), std::int64_t{0});
      const Key mask = end_bit - begin_bit >= static_cast<int>(8 * sizeof(Key))
                           ? static_cast<Key>(~Key{0})
                           : static_cast<Key>((Key{1} << (end_bit - begin_bit)) - 1);
      std::stable_sort(order.begin(), order.end(), [&](std::int64_t x, std::int64_t y) {
        return (from[x] >> begin_bit & mask) < (from[y] >> begin_bit & mask);
      });
      for (std::int64_t i = 0; i < size; ++i) {
        to[i] = from[order[i]];
        values_to[i] = values_from[order[i]];
      }
    });
  }
};

}  // namespace cub
