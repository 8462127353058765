#include "kernels/ops/nearest_rows.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "kernels/core/parallel.hpp"

namespace nextbest::cpu {
namespace {

constexpr Offset kGrain = 16;  // queries per piece of work

struct Near {
  float product;
  Code row;
};

struct NearerFirst {
  bool operator()(const Near& x, const Near& y) const {
    return x.product != y.product ? x.product > y.product : x.row < y.row;
  }
};

/// The sums of one thread: one per reference, and which of them the query at hand has touched. Columns of the query
/// are walked one after the other, so a sum grows in the order of the definition.
class Sums {
 public:
  explicit Sums(Offset references) : sum_(references, 0.0F), touched_(references, 0) {}

  void add(std::span<const Code> rows, std::span<const float> values, float weight) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Code row = rows[i];
      if (!touched_[row]) {
        touched_[row] = 1;
        rows_.push_back(row);
      }
      sum_[row] += weight * values[i];
    }
  }

  /// Moves everything but row `except` into `near` and leaves the sums empty.
  void drain(Code except, std::vector<Near>& near) {
    near.clear();
    for (const Code row : rows_) {
      if (row != except) near.push_back({sum_[row], row});
      sum_[row] = 0;
      touched_[row] = 0;
    }
    rows_.clear();
  }

 private:
  std::vector<float> sum_;
  std::vector<char> touched_;
  std::vector<Code> rows_;
};

void write_best(std::vector<Near>& near, Offset query, const NearestRowLists& out) {
  const Offset k = std::min<Offset>(out.row.cols, static_cast<Offset>(near.size()));
  // Cut first: sorting what is kept is cheaper than keeping a heap of it.
  if (k < static_cast<Offset>(near.size())) std::nth_element(near.begin(), near.begin() + k, near.end(), NearerFirst());
  std::sort(near.begin(), near.begin() + k, NearerFirst());
  for (Offset place = 0; place < k; ++place) {
    out.row(query, place) = near[place].row;
    out.product(query, place) = near[place].product;
  }
  std::fill(out.row.row(query) + k, out.row.row(query) + out.row.cols, kNoCode);
  std::fill(out.product.row(query) + k, out.product.row(query) + out.product.cols, 0.0F);
}

}  // namespace

void nearest_rows(Context& ctx, const CsrView<float>& queries, const CsrView<float>& by_column,
                  std::span<const Code> not_for_query, const NearestRowLists& out) {
  std::vector<std::unique_ptr<Sums>> sums(ctx.threads);  // each made by the thread that uses it
  parallel_for(ctx, queries.rows(), kGrain, [&](Offset begin, Offset end, int thread) {
    if (!sums[thread]) sums[thread] = std::make_unique<Sums>(by_column.cols);
    std::vector<Near> near;
    for (Offset query = begin; query < end; ++query) {
      const std::span<const Code> columns = queries.row(query);
      const std::span<const float> weights = queries.row_values(query);
      for (std::size_t i = 0; i < columns.size(); ++i)
        sums[thread]->add(by_column.row(columns[i]), by_column.row_values(columns[i]), weights[i]);
      sums[thread]->drain(not_for_query.empty() ? kNoCode : not_for_query[query], near);
      write_best(near, query, out);
    }
  });
}

}  // namespace nextbest::cpu
