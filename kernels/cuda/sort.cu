#include <bit>
#include <utility>

#include <cub/device/device_radix_sort.cuh>

#include "kernels/cuda/sort.hpp"

namespace nextbest::cuda {
namespace {

template <class Value>
SortedPairs<Value> sort_pairs(const Stream& stream, SortedPairs<Value> in, std::uint64_t bound) {
  const std::size_t size = in.keys.size();
  SortedPairs<Value> out{Buffer<std::uint32_t>(stream, size), Buffer<Value>(stream, size)};
  if (size == 0) return out;
  const int bits = bound > 1 ? static_cast<int>(std::bit_width(bound - 1)) : 1;
  const auto sort = [&](void* temporary, std::size_t& bytes) {
    stream.check(
        cub::DeviceRadixSort::SortPairs(temporary, bytes, in.keys.data(), out.keys.data(), in.values.data(),
                                        out.values.data(), static_cast<std::int64_t>(size), 0, bits, stream.get()),
        "sorting");
  };
  std::size_t bytes = 0;
  sort(nullptr, bytes);
  const Buffer<unsigned char> temporary(stream, bytes);
  sort(temporary.data(), bytes);
  return out;
}

}  // namespace

SortedPairs<std::uint32_t> sort_by_key(const Stream& stream, SortedPairs<std::uint32_t> pairs, std::uint64_t bound) {
  return sort_pairs(stream, std::move(pairs), bound);
}
SortedPairs<std::uint64_t> sort_by_key(const Stream& stream, SortedPairs<std::uint64_t> pairs, std::uint64_t bound) {
  return sort_pairs(stream, std::move(pairs), bound);
}

}  // namespace nextbest::cuda
