#pragma once

#include <cstddef>
#include <new>
#include <utility>
#include <vector>

namespace nextbest {

/// Memory from the start of a large page (2 MiB), with the system asked to use such pages. Rows that are read in no
/// order cost a miss of the address translation each on small ones. Less than a page comes from the ordinary heap.
void* allocate_huge(std::size_t bytes);
void free_huge(void* memory, std::size_t bytes) noexcept;

/// For std::vector.
template <class T>
struct HugePageAllocator {
  using value_type = T;
  HugePageAllocator() = default;
  template <class U>
  HugePageAllocator(const HugePageAllocator<U>&) {}

  T* allocate(std::size_t n) {
    if (n > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_array_new_length();
    return static_cast<T*>(allocate_huge(n * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t n) noexcept { free_huge(memory, n * sizeof(T)); }
  friend bool operator==(const HugePageAllocator&, const HugePageAllocator&) { return true; }
};

template <class T>
using HugePageVector = std::vector<T, HugePageAllocator<T>>;

/// Leaves new elements as the memory was: for vectors that are written before they are read, so that the threads that
/// write them are those that touch the memory first.
template <class T>
struct UnsetHugePageAllocator : HugePageAllocator<T> {
  template <class U>
  struct rebind {
    using other = UnsetHugePageAllocator<U>;
  };
  template <class U, class... Arguments>
  void construct(U* at, Arguments&&... arguments) {
    if constexpr (sizeof...(Arguments) == 0)
      ::new (static_cast<void*>(at)) U;
    else
      ::new (static_cast<void*>(at)) U(std::forward<Arguments>(arguments)...);
  }
};

template <class T>
using UnsetHugePageVector = std::vector<T, UnsetHugePageAllocator<T>>;

}  // namespace nextbest
