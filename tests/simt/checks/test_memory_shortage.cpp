#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "tests/kernels/score_cases.hpp"
#include "tests/kernels/solve_case.hpp"
#include "tests/simt/checks/free_bytes.hpp"
#include "tests/support/pair_case.hpp"

namespace nextbest::test {
namespace {

std::vector<std::vector<reference::ScoredItem>> scored(Device device, const reference::ScoreCase& c, int k,
                                                       std::size_t free_bytes) {
  ScoreBuffers buffers(c, k);
  Context ctx{device, 1, {}, {}};
  const auto index = index_items(ctx, buffers.items, c.popularity);
  const FreeBytes shortage(free_bytes);
  score_top_k(ctx, buffers.users, *index, buffers.filter, buffers.out);
  return buffers.lists();
}

// Finds take 2 KiB per user here.
TEST(EmulatorMemoryShortage, ScoringTakesFewerUsersAtATime) {
  reference::ScoreCase c = score_case(1, 500, 200, 6);
  add_filter(c, 2);
  c.pinned.clear();
  const auto expected = scored(Device::kCpu, c, 10, 0);
  for (const std::size_t kib : {2000, 600, 300, 100}) {
    SCOPED_TRACE(kib);
    expect_equal_lists(scored(Device::kCuda, c, 10, kib << 10), expected);
  }
  EXPECT_THROW(scored(Device::kCuda, c, 10, 8 << 10), DoesNotFit);
}

PaddedMatrix<float> solved(const SolveCase& c, std::size_t free_bytes) {
  const FreeBytes shortage(free_bytes);
  return c.solved({Device::kCuda, 1, {}, {}});
}

// Factors take 64 KiB, the rows 480.
TEST(EmulatorMemoryShortage, SolvingTakesFewerRowsAtATime) {
  std::vector<Offset> lengths(400);
  for (std::size_t r = 0; r < lengths.size(); ++r) lengths[r] = static_cast<Offset>(r * r % 31);
  lengths[300] = 400;
  const SolveCase c(1000, 30, lengths, true);
  const PaddedMatrix<float> expected = solved(c, std::size_t{1} << 30);
  for (const std::size_t kib : {200, 110}) {
    SCOPED_TRACE(kib);
    EXPECT_TRUE(expected.same_bits(solved(c, kib << 10)));
  }
  EXPECT_THROW(solved(c, 64 << 10), DoesNotFit);
}

// A place of a list takes 40 bytes, so a row here 2,000.
TEST(EmulatorMemoryShortage, PairsTakeFewerRowsAtATime) {
  const PairCase made = random_case(23, 300, 90, true, true);
  Context cpu{Device::kCpu, 1, {}, {}}, gpu{Device::kCuda, 1, {}, {}};
  const PairParams params{.k = 50, .end = 90};
  const PairRun on_cpu(cpu, made), on_gpu(gpu, made);
  const OwnedPairLists expected = on_cpu.lists(cpu, params);
  for (const std::size_t kib : {1000, 100, 20}) {
    SCOPED_TRACE(kib);
    const FreeBytes shortage(kib << 10);
    EXPECT_TRUE(on_gpu.lists(gpu, params) == expected);
  }
  const FreeBytes shortage(1 << 10);
  EXPECT_THROW(on_gpu.lists(gpu, params), DoesNotFit);
}

}  // namespace
}  // namespace nextbest::test
