#pragma once

#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/ops/score_top_k.hpp"
#include "tests/reference/score_top_k.hpp"

namespace nextbest::test {

/// Factors drawn from a normal distribution, or from {-1, 0, 1} where scores shall be equal in large numbers.
inline reference::ScoreCase score_case(std::uint64_t seed, int users, int items, int dim, bool few_values = false) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  const auto draw = [&] { return few_values ? static_cast<float>(random() % 3) - 1.0f : normal(random); };
  reference::ScoreCase c;
  c.users = users, c.items = items, c.dim = dim;
  for (int i = 0; i < users * dim; ++i) c.w.push_back(draw());
  for (int i = 0; i < items * dim; ++i) c.h.push_back(draw());
  for (int i = 0; i < items; ++i) c.popularity.push_back(static_cast<std::int64_t>(random() % 4));
  return c;
}

/// Every part of the filter: each set holds a share of the items, drawn independently, so that they overlap.
inline void add_filter(reference::ScoreCase& c, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  c.owned.resize(c.users), c.blocked.resize(c.users), c.pinned.resize(c.users);
  for (int u = 0; u < c.users; ++u) {
    for (int i = 0; i < c.items; ++i) {
      if (random() % 3 == 0) c.owned[u].insert(i);
      if (random() % 7 == 0) c.blocked[u].insert(i);
      if (random() % 11 == 0) c.pinned[u].push_back(i);
    }
    std::shuffle(c.pinned[u].begin(), c.pinned[u].end(), random);
  }
  for (int i = 0; i < c.items; ++i) c.eligible.push_back(random() % 4 != 0);
}

template <class Rows>
Csr<float> to_csr(const Rows& rows, Offset cols) {
  Csr<float> csr;
  csr.cols = cols;
  for (const auto& row : rows) {
    csr.indices.insert(csr.indices.end(), row.begin(), row.end());
    csr.indptr.push_back(static_cast<Offset>(csr.indices.size()));
  }
  return csr;
}

/// Owns the operation's buffers: inputs with `padding` NaN behind each row, outputs with sentinels behind each row.
class ScoreBuffers {
 public:
  static constexpr Code kSentinel = -77;

  ScoreBuffers(const reference::ScoreCase& c, int k, int padding = 0)
      : users_(c.users),
        k_(k),
        w_(pad(c.w, c.users, c.dim, padding)),
        h_(pad(c.h, c.items, c.dim, padding)),
        owned_(to_csr(c.owned, c.items)),
        blocked_(to_csr(c.blocked, c.items)),
        pinned_(to_csr(c.pinned, c.items)),
        item_(c.users * (k + padding), kSentinel),
        score_(c.users * (k + padding), -77.0f) {
    if (!c.eligible.empty()) eligible_.resize((c.items + 63) / 64);
    for (std::size_t i = 0; i < c.eligible.size(); ++i) eligible_[i / 64] |= std::uint64_t{c.eligible[i]} << (i % 64);
    users = {w_.data(), c.users, c.dim, c.dim + padding};
    items = {h_.data(), c.items, c.dim, c.dim + padding};
    filter = {owned_.view(), blocked_.view(), pinned_.view(), eligible_};
    out = {{item_.data(), c.users, k, k + padding}, {score_.data(), c.users, k, k + padding}};
  }

  /// The lists, closed places left out; fails the test where a place behind the end was touched or closed wrongly.
  std::vector<std::vector<reference::ScoredItem>> lists() const {
    std::vector<std::vector<reference::ScoredItem>> all(users_);
    for (int u = 0; u < users_; ++u) {
      for (Offset place = 0; place < out.item.stride; ++place) {
        const Code item = out.item.row(u)[place];
        const float score = out.score.row(u)[place];
        if (place >= k_) {
          EXPECT_EQ(item, kSentinel) << "written behind the list of user " << u;
          EXPECT_EQ(score, -77.0f) << "written behind the scores of user " << u;
        } else if (item == kNoCode) {
          EXPECT_EQ(score, 0.0f) << "a closed place has a score";
        } else {
          EXPECT_EQ(static_cast<Offset>(all[u].size()), place) << "an entry behind the close of user " << u;
          all[u].push_back({item, score});
        }
      }
    }
    return all;
  }

  Matrix<const float> users, items;
  TopKFilter filter;
  TopKLists out;

 private:
  static std::vector<float> pad(const std::vector<float>& dense, int rows, int cols, int padding) {
    std::vector<float> padded(static_cast<std::size_t>(rows) * (cols + padding),
                              std::numeric_limits<float>::quiet_NaN());
    for (int r = 0; r < rows; ++r) std::copy_n(dense.begin() + r * cols, cols, padded.begin() + r * (cols + padding));
    return padded;
  }

  int users_, k_;
  std::vector<float> w_, h_;
  Csr<float> owned_, blocked_, pinned_;
  std::vector<std::uint64_t> eligible_;
  std::vector<Code> item_;
  std::vector<float> score_;
};

inline void expect_equal_lists(const std::vector<std::vector<reference::ScoredItem>>& actual,
                               const std::vector<std::vector<reference::ScoredItem>>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t u = 0; u < actual.size(); ++u) {
    ASSERT_EQ(actual[u].size(), expected[u].size()) << "length of the list of user " << u;
    for (std::size_t place = 0; place < actual[u].size(); ++place) {
      ASSERT_EQ(actual[u][place].item, expected[u][place].item) << "user " << u << ", place " << place;
      ASSERT_EQ(actual[u][place].score, expected[u][place].score) << "user " << u << ", place " << place;
    }
  }
}

}  // namespace nextbest::test
