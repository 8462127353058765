#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/core/parallel.hpp"

namespace nextbest {
namespace {

Context with_threads(int threads) {
  return {Device::kCpu, threads, {}, {}};
}

TEST(Parallel, EveryThreadRunsOnce) {
  for (const int threads : {1, 2, 5}) {
    std::vector<std::atomic<int>> calls(threads);
    on_every_thread(with_threads(threads), [&](int thread) { ++calls[thread]; });
    for (const auto& n : calls) EXPECT_EQ(n, 1);
  }
}

TEST(Parallel, PiecesCoverTheRangeAndDoNotDependOnThreads) {
  for (const std::int64_t n : {0, 1, 31, 32, 33, 1009})
    for (const std::int64_t grain : {0, 1, 7, 2000}) {
      std::set<std::pair<std::int64_t, std::int64_t>> first;
      for (const int threads : {1, 2, 5}) {
        std::set<std::pair<std::int64_t, std::int64_t>> pieces;
        std::mutex mutex;
        std::atomic<std::int64_t> covered{0};
        parallel_for(with_threads(threads), n, grain, [&](std::int64_t begin, std::int64_t end, int thread) {
          EXPECT_LT(thread, threads);
          covered += end - begin;
          const std::lock_guard lock(mutex);
          pieces.emplace(begin, end);
        });
        EXPECT_EQ(covered, n);
        if (threads == 1) first = pieces;
        EXPECT_EQ(pieces, first) << n << " by " << grain << ", threads " << threads;
      }
    }
}

TEST(Parallel, AnExceptionComesBackAndStopsTheRest) {
  for (const int threads : {1, 2, 5}) {
    std::atomic<int> calls{0};
    try {
      parallel_for(with_threads(threads), 1'000'000, 1, [&](std::int64_t begin, std::int64_t, int) {
        ++calls;
        if (begin == 3) throw std::runtime_error("at three");
      });
      FAIL() << "no exception";
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(std::string(error.what()), "at three");
    }
    EXPECT_LT(calls, 1'000'000);
    EXPECT_THROW(on_every_thread(with_threads(threads), [](int) { throw std::runtime_error("here"); }),
                 std::runtime_error);
  }
}

TEST(Parallel, CancellingSkipsTheRest) {
  for (const int threads : {1, 2, 5}) {
    std::atomic<int> calls{0};
    Context ctx = with_threads(threads);
    ctx.cancelled = [&] { return calls >= 4; };
    parallel_for(ctx, 1'000'000, 1, [&](std::int64_t, std::int64_t, int) { ++calls; });
    EXPECT_GE(calls, 4);
    EXPECT_LE(calls, 4 + threads);
  }
}

}  // namespace
}  // namespace nextbest
