#include <bit>
#include <utility>

#include <cub/device/device_radix_sort.cuh>

#include "kernels/cuda/sort.hpp"

namespace nextbest::cuda {
namespace {

// Between two sets of buffers, either of which may hold the result: with one that must not be touched CUB would take a
// third.
template <class Value>
SortedPairs<Value> sort_pairs(const Stream& stream, SortedPairs<Value> in, std::uint64_t bound) {
  const std::size_t size = in.keys.size();
  SortedPairs<Value> other{Buffer<std::uint32_t>(stream, size), Buffer<Value>(stream, size)};
  if (size == 0) return other;
  const int bits = bound > 1 ? static_cast<int>(std::bit_width(bound - 1)) : 1;
  cub::DoubleBuffer<std::uint32_t> keys(in.keys.data(), other.keys.data());
  cub::DoubleBuffer<Value> values(in.values.data(), other.values.data());
  const auto sort = [&](void* temporary, std::size_t& bytes) {
    stream.check(cub::DeviceRadixSort::SortPairs(temporary, bytes, keys, values, static_cast<std::int64_t>(size), 0,
                                                 bits, stream.get()),
                 "sorting");
  };
  std::size_t bytes = 0;
  sort(nullptr, bytes);
  const Buffer<unsigned char> temporary(stream, bytes);
  sort(temporary.data(), bytes);
  if (keys.Current() != in.keys.data()) std::swap(in.keys, other.keys);
  if (values.Current() != in.values.data()) std::swap(in.values, other.values);
  return in;
}

}  // namespace

SortedPairs<std::uint32_t> sort_by_key(const Stream& stream, SortedPairs<std::uint32_t> pairs, std::uint64_t bound) {
  return sort_pairs(stream, std::move(pairs), bound);
}
SortedPairs<std::uint64_t> sort_by_key(const Stream& stream, SortedPairs<std::uint64_t> pairs, std::uint64_t bound) {
  return sort_pairs(stream, std::move(pairs), bound);
}

}  // namespace nextbest::cuda
