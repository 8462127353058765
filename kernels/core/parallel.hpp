#pragma once

#include <cstdint>
#include <functional>

#include "kernels/core/context.hpp"

namespace nextbest {

/// Calls body(thread) once on each of ctx.threads threads (0 <= thread < ctx.threads) and waits for all. The first
/// exception is thrown again in the caller. The only place that knows OpenMP; BLAS called inside runs on one thread.
void on_every_thread(const Context& ctx, const std::function<void(int thread)>& body);

/// Calls body(begin, end, thread) for consecutive pieces of [0, n) of at most `grain` elements, handed out on demand.
/// The pieces are the same for every number of threads; which thread gets one is not. Between pieces ctx.cancelled is
/// asked: when it says yes, the rest is skipped.
void parallel_for(const Context& ctx, std::int64_t n, std::int64_t grain,
                  const std::function<void(std::int64_t begin, std::int64_t end, int thread)>& body);

}  // namespace nextbest
