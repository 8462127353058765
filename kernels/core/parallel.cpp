#include "kernels/core/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include <omp.h>

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace nextbest {
namespace {

// The OpenMP runtime is not instrumented, so ThreadSanitizer has to be told that a region starts after what came
// before it (by the address of `body`) and ends before what comes after it (by the address of `error`). Two addresses,
// or a thread that starts late would seem to come after one that has ended already, and their races would stay hidden.
// The region itself must stay uninstrumented: it reads its captures before it can say so.
struct Region {
  void (*enter)(Region&, int thread);
  const std::function<void(int)>* body;
  std::exception_ptr error;
  std::mutex error_mutex;
};

void enter_region(Region& region, int thread) {
#ifdef __SANITIZE_THREAD__
  __tsan_acquire(&region.body);
#endif
  try {
    (*region.body)(thread);
  } catch (...) {
    const std::lock_guard lock(region.error_mutex);
    if (!region.error) region.error = std::current_exception();
  }
#ifdef __SANITIZE_THREAD__
  __tsan_release(&region.error);
#endif
}

__attribute__((noinline))
#ifdef __SANITIZE_THREAD__
__attribute__((no_sanitize("thread")))
#endif
void fork_join(Region& region, int threads) {
#pragma omp parallel num_threads(threads)
  region.enter(region, omp_get_thread_num());
}

}  // namespace

void on_every_thread(const Context& ctx, const std::function<void(int)>& body) {
  if (ctx.threads <= 1) return body(0);
  Region region{enter_region, &body, nullptr, {}};
#ifdef __SANITIZE_THREAD__
  __tsan_release(&region.body);
#endif
  fork_join(region, ctx.threads);
#ifdef __SANITIZE_THREAD__
  __tsan_acquire(&region.error);
#endif
  if (region.error) std::rethrow_exception(region.error);
}

void parallel_for(const Context& ctx, std::int64_t n, std::int64_t grain,
                  const std::function<void(std::int64_t, std::int64_t, int)>& body) {
  if (n <= 0) return;
  grain = std::max<std::int64_t>(grain, 1);
  std::atomic<std::int64_t> next{0};
  std::atomic<bool> failed{false};
  on_every_thread(ctx, [&](int thread) {
    while (!failed.load(std::memory_order_relaxed)) {
      const std::int64_t begin = next.fetch_add(grain, std::memory_order_relaxed);
      if (begin >= n || (ctx.cancelled && ctx.cancelled())) return;
      try {
        body(begin, std::min(n, begin + grain), thread);
      } catch (...) {
        failed.store(true, std::memory_order_relaxed);
        throw;
      }
    }
  });
}

}  // namespace nextbest
