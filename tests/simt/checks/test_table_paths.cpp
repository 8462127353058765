// Every way that a row of nearest_rows and of sequence_top_k can take on a GPU, on cases small enough for the emulator:
// all must give the lists of the CPU, bit for bit.
#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "kernels/cuda/nearest_rows.hpp"
#include "kernels/cuda/sequence_top_k.hpp"
#include "tests/simt/checks/free_bytes.hpp"
#include "tests/support/sequence_case.hpp"

namespace nextbest::test {
namespace {

struct Lists {
  Lists(Offset rows, Offset k) : code(rows * k, -7), score(rows * k, -7), rows_(rows), k_(k) {}
  Matrix<Code> codes() { return {code.data(), rows_, k_}; }
  Matrix<float> scores() { return {score.data(), rows_, k_}; }
  bool operator==(const Lists& other) const { return code == other.code && score == other.score; }

  std::vector<Code> code;
  std::vector<float> score;

 private:
  Offset rows_, k_;
};

Csr<float> with_values(std::uint64_t seed, Offset rows, Offset cols, Offset mean) {
  Csr<float> csr = random_csr(seed, rows, cols, mean);
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i < csr.indices.size(); ++i)
    csr.values.push_back(static_cast<float>(1 + below(random, 99)) / 7);
  return csr;
}

/// CPU and GPU on the same queries, of which some meet nothing and some nearly every reference.
void expect_same_neighbours(const cuda::TableTuning& tuning, Offset k = 9) {
  Context cpu{Device::kCpu, 1, {}, {}}, gpu{Device::kCuda, 1, {}, {}};
  const Csr<float> queries = with_values(5, 41, 60, 8), by_column = with_values(6, 60, 700, 40);
  const std::vector<Code> except(41, 3);
  Lists expected(41, k), found(41, k);
  nearest_rows(cpu, queries.view(), by_column.view(), except, {expected.codes(), expected.scores()});
  cuda::nearest_rows(gpu, queries.view(), by_column.view(), except, {found.codes(), found.scores()}, tuning);
  EXPECT_EQ(found.code, expected.code);
  EXPECT_EQ(found.score, expected.score);
}

/// By lines, whose sums are those of the CPU to the last bit; weights are no powers of two.
void expect_same_sequences(const cuda::TableTuning& tuning, int k = 9) {
  Context cpu{Device::kCpu, 1, {}, {}}, gpu{Device::kCuda, 1, {}, {}};
  reference::SequenceCase c = random_sequences(7, 90, 80);
  c.customers.push_back({});
  for (int i = 0; i < 300; ++i) c.customers.back().push_back({i * i % 31, i / 3, i, 1.0 / (1 + i)});
  c.basket_decay = 0.7;
  c.half_life_days = 11;
  const LaidSequences laid(c);
  SequenceParams params = params_of(c);
  params.begin = 1;
  params.end = 90;
  Lists expected(89, k), found(89, k);
  sequence_top_k(cpu, laid.view(), laid.lines_of.view(), params, {expected.codes(), expected.scores()});
  cuda::sequence_top_k(gpu, laid.view(), laid.lines_of.view(), params, {found.codes(), found.scores()}, tuning);
  EXPECT_EQ(found.code, expected.code);
  EXPECT_EQ(found.score, expected.score);
}

TEST(EmulatorTablePaths, AllClassesOfTables) {
  const cuda::TableTuning tuning{.classes = {{64, 32}, {128, 64}, {256, 128}}, .wide_threads = 64};
  expect_same_neighbours(tuning);
  expect_same_sequences(tuning);
}

TEST(EmulatorTablePaths, TablesInGlobalMemoryOneAfterAnother) {
  const cuda::TableTuning tuning{.classes = {{1, 32}, {1, 32}, {1, 32}}, .wide_threads = 64, .wide_bytes = 1};
  expect_same_neighbours(tuning);
  expect_same_sequences(tuning);
}

TEST(EmulatorTablePaths, CandidatesInGlobalMemory) {
  const cuda::TableTuning tuning{
      .classes = {{128, 32}, {256, 64}, {256, 64}}, .wide_threads = 32, .candidate_bytes = 0, .rows_at_a_time = 13};
  expect_same_neighbours(tuning, 150);
  expect_same_sequences(tuning, 50);
}

// References take 20 KiB here, lines not much more.
TEST(EmulatorTablePaths, WhereMemoryIsShortFewerRowsAtATime) {
  const cuda::TableTuning tuning{.classes = {{1024, 32}, {1024, 32}, {1024, 32}}};
  {
    const FreeBytes shortage(40 << 10);
    expect_same_neighbours(tuning, 80);
  }
  {
    const FreeBytes shortage(105 << 10);
    expect_same_sequences(tuning, 40);
  }
  const FreeBytes shortage(400);
  EXPECT_THROW(expect_same_neighbours(tuning), DoesNotFit);
  EXPECT_THROW(expect_same_sequences(tuning), DoesNotFit);
}

}  // namespace
}  // namespace nextbest::test
