#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "tests/kernels/score_cases.hpp"
#include "tests/kernels/solve_case.hpp"
#include "tests/simt/runtime.hpp"

namespace nextbest::test {
namespace {

/// Leaves so many bytes of device memory free, until it goes.
struct FreeBytes {
  explicit FreeBytes(std::size_t bytes) { simt::set_device_memory(simt::allocated_bytes() + bytes); }
  ~FreeBytes() { simt::set_device_memory(std::size_t{2} << 30); }
};

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

}  // namespace
}  // namespace nextbest::test
