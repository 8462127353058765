#pragma once

#include "tests/simt/runtime.hpp"

namespace nextbest::test {

/// Leaves so many bytes of device memory free, until it goes.
struct FreeBytes {
  explicit FreeBytes(std::size_t bytes) { simt::set_device_memory(simt::allocated_bytes() + bytes); }
  ~FreeBytes() { simt::set_device_memory(std::size_t{2} << 30); }
};

}  // namespace nextbest::test
