#pragma once

#include <map>
#include <mutex>
#include <utility>

#include "kernels/core/parallel.hpp"

namespace nextbest {

/// Calls take(make(i, thread)) for i = 0 .. n-1. make runs on several threads at a time, take on one thread at a time
/// and in the order of i, so that what it builds is the same for every number of threads. Results that wait for one
/// before them are kept: about as many as there are threads.
template <class Make, class Take>
void parallel_in_order(const Context& ctx, std::int64_t n, const Make& make, const Take& take) {
  std::mutex mutex;
  std::map<std::int64_t, decltype(make(std::int64_t{}, 0))> waiting;
  std::int64_t next = 0;
  parallel_for(ctx, n, 1, [&](std::int64_t i, std::int64_t, int thread) {
    auto made = make(i, thread);
    const std::lock_guard lock(mutex);
    waiting.emplace(i, std::move(made));
    while (!waiting.empty() && waiting.begin()->first == next) {
      take(std::move(waiting.begin()->second));
      waiting.erase(waiting.begin());
      ++next;
    }
  });
}

}  // namespace nextbest
