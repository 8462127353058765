// Offsets beyond 2^31 without the memory that they speak of: views whose rows begin far into arrays of which only the
// end exists, and matrices whose rows lie gigabytes apart in memory that is reserved but never touched.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include "kernels/ops/embedding_loss.hpp"
#include "kernels/ops/gramian.hpp"
#include "kernels/ops/pair_top_k.hpp"
#include "kernels/ops/score_top_k.hpp"
#include "kernels/ops/transpose.hpp"
#include "tests/support/random_csr.hpp"

namespace nextbest::test {
namespace {

constexpr Offset kFar = (Offset{1} << 31) + 12'345;

/// The same rows as `near`, as if they were the last of a matrix with kFar entries before them.
struct FarRows {
  explicit FarRows(const Csr<float>& near) : near_(near), indptr_(near.indptr) {
    for (Offset& offset : indptr_) offset += kFar;
  }
  CsrView<float> view() const {
    const std::size_t entries = static_cast<std::size_t>(kFar) + near_.indices.size();
    const std::span<const float> values =
        near_.values.empty() ? std::span<const float>{} : std::span(near_.values.data() - kFar, entries);
    return {near_.cols, indptr_, {near_.indices.data() - kFar, entries}, values};
  }

 private:
  const Csr<float>& near_;
  std::vector<Offset> indptr_;
};

/// Rows of `dim` floats that lie 2^30 elements apart: the fourth begins beyond 2^31.
class FarMatrix {
 public:
  FarMatrix(Offset rows, Offset dim) : rows_(rows), dim_(dim), bytes_(static_cast<std::size_t>(rows * kStride) * 4) {
    void* memory = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<float*>(memory);
  }
  ~FarMatrix() { ::munmap(data_, bytes_); }
  FarMatrix(const FarMatrix&) = delete;
  FarMatrix& operator=(const FarMatrix&) = delete;
  Matrix<float> view() const { return {data_, rows_, dim_, kStride}; }

 private:
  static constexpr Offset kStride = Offset{1} << 30;
  Offset rows_, dim_;
  std::size_t bytes_;
  float* data_ = nullptr;
};

Csr<float> rows_with_values() {
  Csr<float> rows = random_csr(3, 40, 4, 2);
  for (std::size_t i = 0; i < rows.indices.size(); ++i) rows.values.push_back(static_cast<float>(1 + i % 5));
  return rows;
}

/// The same small integers near and far.
std::vector<float> filled(const FarMatrix& far) {
  std::vector<float> near;
  const Matrix<float> rows = far.view();
  for (Offset r = 0; r < rows.rows; ++r)
    for (Offset c = 0; c < rows.cols; ++c) near.push_back(rows(r, c) = static_cast<float>((r * 7 + c * 3) % 5 - 2));
  return near;
}

TEST(LargeOffsets, Transpose) {
  const Csr<float> near = rows_with_values();
  const FarRows far(near);
  ASSERT_GT(far.view().indptr.front(), std::numeric_limits<std::int32_t>::max());
  Context ctx;
  Csr<float> of_near, of_far;
  transpose(ctx, near.view(), of_near);
  transpose(ctx, far.view(), of_far);
  EXPECT_EQ(of_far.indptr, of_near.indptr);
  EXPECT_EQ(of_far.indices, of_near.indices);
  EXPECT_EQ(of_far.values, of_near.values);
}

TEST(LargeOffsets, Pairs) {
  const Csr<float> near = random_csr(5, 300, 30, 4);
  const FarRows far(near);
  Context ctx;
  PairParams params;
  params.k = 6;
  params.end = 30;
  struct Tallied {
    std::vector<Code> item = std::vector<Code>(180);
    std::vector<float> score = std::vector<float>(180);
    std::vector<std::int64_t> count = std::vector<std::int64_t>(180), weight = count, customers = count;
    std::vector<double> expected = std::vector<double>(180);
  } of_near, of_far;
  const auto count = [&](const CsrView<float>& baskets, Tallied& out) {
    const auto index = index_pairs(ctx, PairUnits{baskets, {}, {}});
    pair_top_k(ctx, *index, params,
               {{out.item.data(), 30, 6},
                {out.score.data(), 30, 6},
                {out.count.data(), 30, 6},
                {out.weight.data(), 30, 6},
                {out.customers.data(), 30, 6},
                {out.expected.data(), 30, 6}});
  };
  count(near.view(), of_near);
  count(far.view(), of_far);
  EXPECT_EQ(of_far.item, of_near.item);
  EXPECT_EQ(of_far.count, of_near.count);
  EXPECT_EQ(of_far.expected, of_near.expected);
  EXPECT_GT(*std::max_element(of_near.count.begin(), of_near.count.end()), 0);
}

TEST(LargeOffsets, FactorsFarApart) {
  const FarMatrix items(4, 8), users(3, 8);
  const std::vector<float> near_items = filled(items), near_users = filled(users);
  const Matrix<const float> item_rows(near_items.data(), 4, 8), user_rows(near_users.data(), 3, 8);
  Context ctx;

  std::vector<double> of_near(64), of_far(64);
  gramian(ctx, item_rows, {of_near.data(), 8, 8});
  gramian(ctx, items.view(), {of_far.data(), 8, 8});
  EXPECT_EQ(of_far, of_near);

  const std::vector<std::int64_t> popularity = {4, 3, 2, 1};
  std::vector<Code> listed_near(6), listed_far(6);
  std::vector<float> score_near(6), score_far(6);
  score_top_k(ctx, user_rows, *index_items(ctx, item_rows, popularity), {},
              {{listed_near.data(), 3, 2}, {score_near.data(), 3, 2}});
  score_top_k(ctx, users.view(), *index_items(ctx, items.view(), popularity), {},
              {{listed_far.data(), 3, 2}, {score_far.data(), 3, 2}});
  EXPECT_EQ(listed_far, listed_near);
  EXPECT_EQ(score_far, score_near);

  Csr<float> ratings = random_csr(9, 3, 4, 2);
  const FarRows far_ratings(ratings);
  const LossParams params{0.5, 0.1, 1};
  EXPECT_EQ(embedding_loss(ctx, far_ratings.view(), users.view(), items.view(), params),
            embedding_loss(ctx, ratings.view(), user_rows, item_rows, params));
}

}  // namespace
}  // namespace nextbest::test
