#include <algorithm>
#include <limits>
#include <mutex>

#include "kernels/core/devices.hpp"
#include "kernels/cuda/memory_account.hpp"

namespace nextbest::cuda {
namespace {

struct Account {
  std::mutex guard;
  std::size_t held = 0, peak = 0, limit = std::numeric_limits<std::size_t>::max();
};

Account& account() {
  static Account of_process;
  return of_process;
}

}  // namespace

bool reserve(std::size_t bytes) {
  Account& a = account();
  const std::lock_guard lock(a.guard);
  if (bytes > a.limit || a.held > a.limit - bytes) return false;
  a.held += bytes;
  return true;
}

void count_taken() {
  Account& a = account();
  const std::lock_guard lock(a.guard);
  a.peak = std::max(a.peak, a.held);
}

void count_released(std::size_t bytes) {
  Account& a = account();
  const std::lock_guard lock(a.guard);
  a.held -= bytes;
}

std::size_t left_of_limit() {
  Account& a = account();
  const std::lock_guard lock(a.guard);
  return a.limit > a.held ? a.limit - a.held : 0;
}

void limit_device_memory(std::int64_t bytes) {
  Account& a = account();
  const std::lock_guard lock(a.guard);
  a.limit = bytes > 0 ? static_cast<std::size_t>(bytes) : std::numeric_limits<std::size_t>::max();
}

std::int64_t peak_device_bytes() {
  Account& a = account();
  const std::lock_guard lock(a.guard);
  return static_cast<std::int64_t>(a.peak);
}

void reset_peak_device_bytes() {
  Account& a = account();
  const std::lock_guard lock(a.guard);
  a.peak = a.held;
}

}  // namespace nextbest::cuda
