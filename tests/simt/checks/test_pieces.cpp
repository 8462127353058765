// What does not fit onto the device goes there piece by piece, with the same result: little device memory, and copies
// through pieces of pinned memory that are a few bytes large.
#include <gtest/gtest.h>

#include "kernels/core/error.hpp"
#include "kernels/cuda/buffer.hpp"
#include "kernels/ops/ease_top_k.hpp"
#include "kernels/ops/embedding_loss.hpp"
#include "kernels/ops/gramian.hpp"
#include "kernels/ops/nearest_rows.hpp"
#include "kernels/ops/rotate.hpp"
#include "kernels/ops/transpose.hpp"
#include "tests/kernels/score_cases.hpp"
#include "tests/simt/checks/free_bytes.hpp"
#include "tests/support/ials_case.hpp"
#include "tests/support/padded_matrix.hpp"
#include "tests/support/pair_case.hpp"

namespace nextbest::test {
namespace {

Context whole_gpu{Device::kCuda, 1, {}, {}}, plain_cpu{Device::kCpu, 1, {}, {}};

struct SmallPieces {
  explicit SmallPieces(std::size_t piece) { cuda::staging_tuning() = {1, piece}; }
  ~SmallPieces() { cuda::staging_tuning() = {}; }
};

TEST(EmulatorPieces, CopiesThroughPinnedMemoryBringEveryByte) {
  std::vector<int> from(7 * 13);
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<int>(i);
  for (const std::size_t piece : {4, 28, 36, 52, 60, 1000})
    for (const std::size_t width : {1, 9, 13}) {
      SCOPED_TRACE(testing::Message() << "pieces of " << piece << " bytes, " << width << " of 13 columns");
      const SmallPieces pieces(piece);
      const cuda::Stream stream("test");
      const auto bytes = [](std::size_t n) { return n * sizeof(int); };
      const cuda::Buffer<int> on_device(stream, 7 * 15);
      cuda::copy_rows_to_device(stream, on_device.data(), bytes(15), from.data(), bytes(13), bytes(width), 7);
      std::vector<int> back(7 * 14, -1);
      cuda::copy_rows_to_host(stream, back.data(), bytes(14), on_device.data(), bytes(15), bytes(width), 7);
      stream.synchronize();
      for (std::size_t r = 0; r < 7; ++r)
        for (std::size_t c = 0; c < 14; ++c)
          ASSERT_EQ(back[r * 14 + c], c < width ? from[r * 13 + c] : -1) << "row " << r << ", column " << c;
    }
}

TEST(EmulatorPieces, CopiesFollowTheOrderOfTheStream) {
  const SmallPieces pieces(16);
  const cuda::Stream stream("test");
  std::vector<int> first(40, 1), second(40, 2), seen_first(40), seen_second(40);
  const cuda::Buffer<int> on_device(stream, 40);
  cuda::copy_bytes_to_device(stream, on_device.data(), first.data(), 160);
  std::fill(first.begin(), first.end(), 9);  // has been read
  cuda::copy_bytes_to_host(stream, seen_first.data(), on_device.data(), 160);
  cuda::copy_bytes_to_device(stream, on_device.data(), second.data(), 160);
  cuda::copy_bytes_to_host(stream, seen_second.data(), on_device.data(), 160);
  stream.synchronize();
  EXPECT_EQ(seen_first, std::vector<int>(40, 1));
  EXPECT_EQ(seen_second, std::vector<int>(40, 2));
}

bool same(const Csr<float>& x, const Csr<float>& y) {
  return x.cols == y.cols && x.indptr == y.indptr && x.indices == y.indices && x.values == y.values;
}

TEST(EmulatorPieces, ATransposeOfSomeRowsAtATime) {
  std::vector<Offset> lengths(300);
  for (std::size_t r = 0; r < lengths.size(); ++r) lengths[r] = static_cast<Offset>(r * r % 17);
  for (const bool weighted : {false, true}) {
    const Csr<float> in = csr_with_lengths(5, 40, lengths, weighted);
    Csr<float> expected, found;
    transpose(plain_cpu, in.view(), expected);
    for (const std::size_t kib : {200, 40, 8}) {
      SCOPED_TRACE(kib);
      const FreeBytes shortage(kib << 10);
      const SmallPieces pieces(100);
      transpose(whole_gpu, in.view(), found);
      EXPECT_TRUE(same(found, expected));
    }
    const FreeBytes shortage(300);
    EXPECT_THROW(transpose(whole_gpu, in.view(), found), DoesNotFit);
  }
}

TEST(EmulatorPieces, ATransposeNamesTheBadRowOfALaterPiece) {
  std::vector<Offset> lengths(300, 10);
  Csr<float> in = csr_with_lengths(5, 40, lengths, false);
  in.indices[10 * 250 + 3] = 40;
  const FreeBytes shortage(16 << 10);
  Csr<float> out;
  try {
    transpose(whole_gpu, in.view(), out);
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("row 250 holds code 40 of 40"), std::string::npos) << error.what();
  }
}

TEST(EmulatorPieces, FactorsInParts) {
  const Offset rows = 1500, dim = 24;
  PaddedMatrix<float> users(rows, dim), items(90, dim);
  users.fill_random(1);
  items.fill_random(2);
  std::vector<double> turn(dim * dim);
  for (std::size_t i = 0; i < turn.size(); ++i) turn[i] = static_cast<double>(i % 7) - 3;
  std::vector<Offset> lengths(rows);
  for (std::size_t r = 0; r < lengths.size(); ++r) lengths[r] = static_cast<Offset>(r % 13);
  const Csr<float> ratings = csr_with_lengths(3, 90, lengths, true);
  struct Results {
    std::vector<double> gram = std::vector<double>(24 * 24);
    PaddedMatrix<float> turned;
    PaddedMatrix<BFloat16> rounded;
    double loss = 0;
  };
  const auto run = [&] {
    Results out{{}, users, PaddedMatrix<BFloat16>(rows, dim), 0};
    out.gram.resize(dim * dim);
    gramian(whole_gpu, std::as_const(users).view(), {out.gram.data(), dim, dim});
    rotate_rounded(whole_gpu, std::as_const(users).view(), {turn.data(), dim, dim}, out.rounded.view());
    rotate(whole_gpu, out.turned.view(), {turn.data(), dim, dim});
    out.loss = embedding_loss(whole_gpu, ratings.view(), std::as_const(users).view(), std::as_const(items).view(),
                              {.1, .2, .5});
    return out;
  };
  const Results expected = run();
  for (const std::size_t kib : {100, 70}) {
    SCOPED_TRACE(kib);
    const FreeBytes shortage(kib << 10);
    const SmallPieces pieces(1000);
    const Results found = run();
    EXPECT_EQ(found.gram, expected.gram);
    EXPECT_TRUE(found.turned.same_bits(expected.turned));
    EXPECT_TRUE(found.rounded.same_bits(expected.rounded));
    EXPECT_EQ(found.loss, expected.loss);
  }
}

TEST(EmulatorPieces, NeighboursAmongSomeReferencesAtATime) {
  Csr<float> queries = csr_with_lengths(5, 60, std::vector<Offset>(41, 8), true);
  const Csr<float> by_column = csr_with_lengths(6, 700, std::vector<Offset>(60, 40), true);  // equal products, too
  std::vector<Code> except(41, 3);
  const Offset k = 30;
  const auto lists = [&](Context& ctx) {
    std::pair<std::vector<Code>, std::vector<float>> out{std::vector<Code>(41 * k), std::vector<float>(41 * k)};
    nearest_rows(ctx, queries.view(), by_column.view(), except,
                 {{out.first.data(), 41, k}, {out.second.data(), 41, k}});
    return out;
  };
  const auto expected = lists(plain_cpu);
  for (const std::size_t kib : {30, 20, 12}) {
    SCOPED_TRACE(kib);
    const FreeBytes shortage(kib << 10);
    EXPECT_EQ(lists(whole_gpu), expected);
  }
  const FreeBytes shortage(400);
  EXPECT_THROW(lists(whole_gpu), DoesNotFit);
}

TEST(EmulatorPieces, ItemsThatDoNotFitAreScoredPartByPart) {
  for (const int dim : {6, 64}) {
    reference::ScoreCase c = score_case(4, 40, 700, dim, true);  // many equal scores
    add_filter(c, 2);
    for (std::size_t u = 0; u < c.pinned.size(); ++u) c.pinned[u].resize(u % 6);
    const auto lists = [&](Device device, int k) {
      ScoreBuffers buffers(c, k);
      Context ctx{device, 1, {}, {}};
      const auto index = index_items(ctx, buffers.items, c.popularity);
      score_top_k(ctx, buffers.users, *index, buffers.filter, buffers.out);
      return buffers.lists();
    };
    const std::vector<std::size_t> budgets =
        dim == 6 ? std::vector<std::size_t>{45'000, 36'000} : std::vector<std::size_t>{250'000, 100'000};
    for (const int k : {1, 10, 60}) {
      const auto expected = lists(Device::kCpu, k);
      for (const std::size_t bytes : budgets) {
        SCOPED_TRACE(testing::Message() << "dim " << dim << ", k " << k << ", " << bytes << " bytes");
        const FreeBytes shortage(bytes);
        expect_equal_lists(lists(Device::kCuda, k), expected);
      }
    }
    const FreeBytes shortage(1000);
    EXPECT_THROW(lists(Device::kCuda, 3), DoesNotFit);
  }
}

TEST(EmulatorPieces, UnitsThatDoNotFitAreCountedPartByPart) {
  for (const int with : {0, 3, 7}) {
    PairCase made = random_case(17, 400, 150, with & 1, with & 2);
    if (with & 4) made.partners = random_csr(18, 400, 150, 6);
    PairParams params{.k = 20, .min_support = 1, .min_customers = 1, .begin = 3, .end = 150};
    const OwnedPairLists expected = PairRun(plain_cpu, made).lists(plain_cpu, params);
    for (const std::size_t kib : {40, 28, 22}) {
      SCOPED_TRACE(testing::Message() << "with " << with << ", " << kib << " KiB");
      const FreeBytes shortage(kib << 10);
      EXPECT_TRUE(PairRun(whole_gpu, made).lists(whole_gpu, params) == expected);
    }
    const FreeBytes shortage(4 << 10);
    EXPECT_THROW(PairRun(whole_gpu, made).lists(whole_gpu, params), DoesNotFit);
  }
}

TEST(EmulatorPieces, RegressionsOfSomeItemsAtATime) {
  const Offset items = 90;
  const Csr<float> units = random_csr(3, 200, items, 5);
  const std::vector<float> weight(200, 1.5F), penalty(items, 4);
  struct Lists {
    std::vector<Code> item = std::vector<Code>(items * items);
    std::vector<float> weight = std::vector<float>(items * items);
    bool operator==(const Lists&) const = default;
  };
  const auto listed = [&] {
    Lists lists;
    ease_top_k(whole_gpu, units.view(), weight, penalty,
               {{lists.item.data(), items, items}, {lists.weight.data(), items, items}});
    return lists;
  };
  const Lists expected = listed();
  simt::reset_peak_bytes();
  {
    const FreeBytes shortage(90 << 10);
    EXPECT_TRUE(listed() == expected);
  }
  EXPECT_LT(simt::peak_bytes(), std::size_t{91} << 10) << "all at once would take 97 KiB for the lists alone";
  const FreeBytes shortage(30 << 10);
  EXPECT_THROW(listed(), DoesNotFit);
}

}  // namespace
}  // namespace nextbest::test
