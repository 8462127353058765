// Every way that a row of pair_top_k can take on a GPU, on cases small enough for the emulator: all must give the lists
// of the CPU, bit for bit.
#include <gtest/gtest.h>

#include "kernels/cuda/pair_top_k.hpp"
#include "tests/support/pair_case.hpp"

namespace nextbest::test {
namespace {

PairCase busy_case(bool weighted, bool with_customers, bool cross) {
  PairCase made = random_case(17, 400, 150, weighted, with_customers);
  if (cross) made.partners = random_csr(18, 400, 150, 6);
  return made;
}

#ifdef __SANITIZE_THREAD__
const std::vector<int> kWiths{0, 7}, kKs{7};  // a race shows in one case as in many, and each takes seconds
#elif defined(__SANITIZE_ADDRESS__)
const std::vector<int> kWiths{0, 7}, kKs{7, 200};
#else
const std::vector<int> kWiths{0, 1, 2, 3, 7}, kKs{1, 7, 200};
#endif

void expect_same_lists(const cuda::PairTuning& tuning) {
  for (const int with : kWiths)
    for (const Measure measure : {Measure::kLlr, Measure::kShrunkLift})
      for (const int k : kKs) {
        SCOPED_TRACE(testing::Message() << "with " << with << ", measure " << static_cast<int>(measure) << ", k " << k);
        const PairCase made = busy_case(with & 1, with & 2, with & 4);
        Context cpu{Device::kCpu, 1, {}, {}}, gpu{Device::kCuda, 1, {}, {}};
        PairParams params{.measure = measure, .k = k, .min_support = 1, .min_customers = 1, .begin = 3, .end = 150};
        const PairRun on_cpu(cpu, made), on_gpu(gpu, made);
        OwnedPairLists lists(147, k);
        cuda::pair_top_k(gpu, *on_gpu.index, params, lists.view(), tuning);
        ASSERT_TRUE(lists == on_cpu.lists(cpu, params));
      }
}

TEST(EmulatorPairPaths, OneClassOfHashTables) {
  expect_same_lists({.classes = {{256, 64}, {256, 64}, {256, 64}, {256, 64}}});
}

TEST(EmulatorPairPaths, TablesThatAreTooSmallHandRowsOn) {
  expect_same_lists({.classes = {{32, 64}, {32, 32}, {32, 32}, {64, 64}}, .dense_threads = 64});
}

TEST(EmulatorPairPaths, AllRowsInGlobalMemory) {
  expect_same_lists({.dense_threads = 128, .heavy_work = 0});
}

TEST(EmulatorPairPaths, PieceByPieceAndSideElsewhere) {
  expect_same_lists({.classes = {{32, 64}, {64, 64}, {64, 32}, {128, 64}},
                     .dense_threads = 64,
                     .heavy_work = 300,
                     .dense_bytes = 1,
                     .list_bytes = 40 * 200 * 11,
                     .side_bytes = 0});
}

}  // namespace
}  // namespace nextbest::test
