// What kernels/ops/device_bytes.hpp says that the operations hold on a GPU, against what the emulator's allocator saw:
// within a quarter, so that a plan can be believed.
#include <cstdlib>
#include <functional>

#include <gtest/gtest.h>

#include "kernels/core/devices.hpp"
#include "kernels/core/error.hpp"
#include "kernels/ops/device_bytes.hpp"
#include "kernels/ops/embedding_loss.hpp"
#include "kernels/ops/gramian.hpp"
#include "kernels/ops/ridge_top_k.hpp"
#include "kernels/ops/rotate.hpp"
#include "kernels/ops/score_top_k.hpp"
#include "tests/kernels/solve_case.hpp"
#include "tests/simt/checks/free_bytes.hpp"
#include "tests/support/pair_case.hpp"
#include "tests/support/sequence_case.hpp"

namespace nextbest::test {
namespace {

constexpr std::int64_t kPlenty = std::int64_t{2} << 30;
Context emulated{Device::kCuda, 1, {}, {}};

/// Runs the work and holds what it took against the plan. `held`: of the plan, what lies on the device already.
void expect_planned(const char* name, std::int64_t planned, std::int64_t held, const std::function<void()>& work) {
  SCOPED_TRACE(name);
  const auto before = static_cast<std::int64_t>(simt::allocated_bytes());
  simt::reset_peak_bytes();
  cuda::reset_peak_device_bytes();
  work();
  const auto measured = static_cast<double>(static_cast<std::int64_t>(simt::peak_bytes()) - before + held);
  EXPECT_LT(std::abs(static_cast<double>(planned) - measured), 0.25 * measured) << planned << ", " << measured;
  // The program's own account goes by the order on the host, not by when a stream gets there: it never sees more.
  EXPECT_LE(cuda::peak_device_bytes(), static_cast<std::int64_t>(simt::peak_bytes()));
  EXPECT_GT(cuda::peak_device_bytes(), static_cast<std::int64_t>(simt::peak_bytes()) / 2);
}

TEST(EmulatorDeviceBytes, OfPairs) {
  for (const bool weighted : {false, true}) {
    const PairCase made = random_case(31, 2500, 900, weighted, weighted);
    const PairDeviceSize size{2500, made.baskets.view().nnz(), 900, weighted, weighted};
    std::unique_ptr<const PairIndex> index;
    expect_planned("index_pairs", index_pairs_device_peak(size).bytes, 0,
                   [&] { index = index_pairs(emulated, made.units()); });
    const std::int64_t held = pair_index_device_bytes(size);
    expect_planned("pair_top_k", pair_top_k_device_peak(size, 900, 60, kPlenty).bytes, held, [&] {
      OwnedPairLists lists(900, 60);
      pair_top_k(emulated, *index, {.k = 60, .min_support = 1, .begin = 0, .end = 900}, lists.view());
    });
    const DevicePeak tight = pair_top_k_device_peak(size, 900, 60, held + (1 << 20));
    EXPECT_GT(tight.pieces, 4);
    const FreeBytes shortage(1 << 20);
    expect_planned("pair_top_k in pieces", tight.bytes, held, [&] {
      OwnedPairLists lists(900, 60);
      pair_top_k(emulated, *index, {.k = 60, .min_support = 1, .begin = 0, .end = 900}, lists.view());
    });
  }
}

TEST(EmulatorDeviceBytes, OfTraining) {
  std::vector<Offset> lengths(1500);
  for (std::size_t r = 0; r < lengths.size(); ++r) lengths[r] = static_cast<Offset>(r * r % 23);
  const Offset dim = 24, items = 800, rows = 1500;
  for (const bool weighted : {false, true}) {
    const SolveCase c(items, dim, lengths, weighted);
    const RatingSize size{rows, items, c.ratings.view().nnz(), weighted};
    const auto peak = [](const DeviceNeed& need) { return device_peak(need, kPlenty).bytes; };
    expect_planned("transpose", peak(transpose_device_need(rows, items, size.entries, weighted)), 0, [&] {
      Csr<float> out;
      transpose(emulated, c.ratings.view(), out);
    });
    expect_planned("solve_rows", peak(solve_rows_device_need(size, dim)), 0, [&] { c.solved(emulated); });
    PaddedMatrix<float> users(rows, dim), fixed(items, dim);
    users.fill_random(1);
    fixed.fill_random(2);
    expect_planned("embedding_loss", peak(embedding_loss_device_need(size, dim)), 0, [&] {
      embedding_loss(emulated, c.ratings.view(), std::as_const(users).view(), std::as_const(fixed).view(), {.1, .1, 1});
    });
    std::vector<double> square(dim * dim, 0.5);
    expect_planned("gramian", peak(gramian_device_need(rows, dim)), 0, [&] {
      gramian(emulated, std::as_const(users).view(), {square.data(), dim, dim});
    });
    expect_planned("rotate", peak(rotate_device_need(rows, dim)), 0, [&] {
      PaddedMatrix<BFloat16> rounded(rows, dim);
      rotate_rounded(emulated, std::as_const(users).view(), {square.data(), dim, dim}, rounded.view());
    });
  }
}

TEST(EmulatorDeviceBytes, OfScoring) {
  const Offset users = 300, items = 3000, k = 10;
  for (const Offset dim : {20, 64}) {
    PaddedMatrix<float> w(users, dim), h(items, dim);
    w.fill_random(1);
    h.fill_random(2);
    const Csr<float> owned = random_csr(3, users, items, 8);
    const std::vector<std::int64_t> popularity(items, 1);
    std::unique_ptr<const ItemIndex> index;
    expect_planned("index_items", index_items_device_bytes(items, dim), 0,
                   [&] { index = index_items(emulated, std::as_const(h).view(), popularity); });
    std::vector<Code> item(users * k);
    std::vector<float> score(users * k);
    const auto scored = [&] {
      score_top_k(emulated, std::as_const(w).view(), *index, {owned.view(), {}, {}, {}},
                  {{item.data(), users, k}, {score.data(), users, k}});
    };
    const DeviceNeed need = score_top_k_device_need({users, items, owned.view().nnz(), false}, dim, k);
    const std::int64_t held = item_index_device_bytes(items, dim);
    expect_planned("score_top_k", device_peak(need, kPlenty).bytes, held, scored);
    const DevicePeak tight = device_peak(need, held + (200 << 10));
    EXPECT_GE(tight.pieces, 3);
    const FreeBytes shortage(200 << 10);
    expect_planned("score_top_k in pieces", tight.bytes, held, scored);
  }
}

TEST(EmulatorDeviceBytes, OfRegressions) {
  const Offset rows = 2000, items = 90, k = 20;
  Csr<float> x = random_csr(3, rows, items, 8), y = random_csr(4, rows, items, 5);
  const std::vector<float> penalty(items, 4.0F), weight(rows, 1.0F);
  std::vector<Code> item(items * k);
  std::vector<float> found(items * k);
  const PredictorLists out{{item.data(), items, k}, {found.data(), items, k}};
  const std::int64_t entries = x.view().nnz();
  expect_planned("ease_top_k", regression_device_peak({rows, items, entries, false}, 0, k, kPlenty).bytes, 0,
                 [&] { ease_top_k(emulated, x.view(), weight, penalty, out); });
  x.values.assign(x.indices.size(), 1.0F);
  y.values.assign(y.indices.size(), 1.0F);
  expect_planned("ridge_top_k", regression_device_peak({rows, items, entries, true}, y.view().nnz(), k, kPlenty).bytes,
                 0, [&] { ridge_top_k(emulated, x.view(), y.view(), penalty, out); });
}

TEST(EmulatorDeviceBytes, OfSequences) {
  const LaidSequences laid(random_sequences(7, 400, 700));
  SequenceParams params;
  params.end = 400;
  const SequenceDeviceSize size{700, laid.view().lines(), 400, true, true};
  expect_planned("sequence_top_k", device_peak(sequence_top_k_device_need(size, 400, 20, kPlenty), kPlenty).bytes, 0,
                 [&] {
                   std::vector<Code> item(400 * 20);
                   std::vector<float> score(400 * 20);
                   sequence_top_k(emulated, laid.view(), laid.lines_of.view(), params,
                                  {{item.data(), 400, 20}, {score.data(), 400, 20}});
                 });
}

/// The limit of the job file, where the device itself has enough.
TEST(EmulatorDeviceBytes, TheLimitIsKept) {
  const PairCase made = random_case(31, 1000, 300, false, false);
  const PairRun run(emulated, made);
  OwnedPairLists free_lists = run.lists(emulated, {.k = 50, .min_support = 1, .end = 300});
  cuda::reset_peak_device_bytes();
  const std::int64_t limit = cuda::peak_device_bytes() + (64 << 10);
  cuda::limit_device_memory(limit);
  const OwnedPairLists lists = run.lists(emulated, {.k = 50, .min_support = 1, .end = 300});
  EXPECT_LE(cuda::peak_device_bytes(), limit);
  EXPECT_TRUE(lists == free_lists);
  cuda::limit_device_memory(limit - (63 << 10));
  EXPECT_THROW(run.lists(emulated, {.k = 50, .min_support = 1, .end = 300}), DoesNotFit);
  cuda::limit_device_memory(0);
}

TEST(EmulatorDeviceBytes, PiecesByTheBudget) {
  const DeviceNeed need{1000, 10, 100, 60};
  EXPECT_EQ(device_peak(need, 1'000'000).bytes, 1000 + 2 * 600);  // two pieces, both under way
  EXPECT_EQ(device_peak(need, 1'000'000).pieces, 2);
  EXPECT_EQ(device_peak(need, 2000).bytes, 1000 + 600);  // one after the other
  EXPECT_EQ(device_peak(need, 1310).bytes, 1000 + 300);  // halved once
  EXPECT_EQ(device_peak(need, 1310).pieces, 4);
  EXPECT_EQ(device_peak(need, 500).bytes, 1010);  // a row alone does not fit
  EXPECT_EQ(device_peak({7, 10, 0, 60}, 100).pieces, 1);
}

}  // namespace
}  // namespace nextbest::test
