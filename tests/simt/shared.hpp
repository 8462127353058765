#pragma once

#include <cstddef>
#include <source_location>

namespace simt {

/// The current block's memory for one `__shared__` declaration, told from others by its place in the source.
void* shared_variable(const std::source_location& where, std::size_t size);
/// The current block's dynamic shared memory.
void* dynamic_shared_memory();

/// What `__shared__ Shared<T> name;` declares in the emulator, where every thread of a block runs the declaration: a
/// reference to the one T of its block. With nvcc Shared<T> is T.
template <class T>
class Shared {
 public:
  explicit Shared(const std::source_location where = std::source_location::current())
      : value_(*static_cast<T*>(shared_variable(where, sizeof(T)))) {}
  operator T&() const { return value_; }
  T* operator&() const { return &value_; }

 private:
  T& value_;
};

template <class T>
T* dynamic_shared() {
  return static_cast<T*>(dynamic_shared_memory());
}

}  // namespace simt
