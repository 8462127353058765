#include "models/ials/ordering.hpp"

#include <algorithm>
#include <compare>
#include <numeric>

#include "kernels/core/parallel.hpp"
#include "kernels/ops/transpose.hpp"

namespace nextbest {
namespace {

constexpr Offset kGrain = 4'096;  // customers

std::vector<Code> by_popularity(const CsrView<float>& ratings) {
  std::vector<Offset> buyers(ratings.cols, 0);
  for (Offset r = 0; r < ratings.rows(); ++r)
    for (const Code item : ratings.row(r)) ++buyers[item];
  std::vector<Code> items(ratings.cols);
  std::iota(items.begin(), items.end(), 0);
  std::stable_sort(items.begin(), items.end(), [&](Code x, Code y) { return buyers[x] < buyers[y]; });
  return items;
}

std::vector<Code> by_length(const Context& ctx, const CsrView<float>& ratings, const std::vector<Code>& place_of_item) {
  struct Key {
    Offset length;
    Code most_popular;  // place of the customer's most popular item
    Code customer;

    auto operator<=>(const Key&) const = default;
  };
  std::vector<Key> keys(ratings.rows());
  parallel_for(ctx, ratings.rows(), kGrain, [&](Offset begin, Offset end, int) {
    for (Offset r = begin; r < end; ++r) {
      Code most_popular = kNoCode;
      for (const Code item : ratings.row(r)) most_popular = std::max(most_popular, place_of_item[item]);
      keys[r] = {ratings.row_size(r), most_popular, static_cast<Code>(r)};
    }
  });
  std::sort(keys.begin(), keys.end());
  std::vector<Code> customers(keys.size());
  std::transform(keys.begin(), keys.end(), customers.begin(), [](const Key& key) { return key.customer; });
  return customers;
}

/// The ratings in the new numbering; rows are not sorted.
Csr<float> rename(const Context& ctx, const CsrView<float>& ratings, const std::vector<Code>& customers,
                  const std::vector<Code>& place_of_item) {
  Csr<float> renamed;
  renamed.cols = ratings.cols;
  renamed.indptr.assign(customers.size() + 1, 0);
  for (std::size_t r = 0; r < customers.size(); ++r)
    renamed.indptr[r + 1] = renamed.indptr[r] + ratings.row_size(customers[r]);
  renamed.indices.resize(ratings.nnz());
  renamed.values.resize(ratings.values.empty() ? 0 : ratings.nnz());
  parallel_for(ctx, ratings.rows(), kGrain, [&](Offset begin, Offset end, int) {
    for (Offset r = begin; r < end; ++r) {
      const auto items = ratings.row(customers[r]);
      const auto values = ratings.row_values(customers[r]);
      std::transform(items.begin(), items.end(), renamed.indices.begin() + renamed.indptr[r],
                     [&](Code item) { return place_of_item[item]; });
      std::copy(values.begin(), values.end(), renamed.values.begin() + (values.empty() ? 0 : renamed.indptr[r]));
    }
  });
  return renamed;
}

}  // namespace

IalsOrdering ials_ordering(Context& ctx, Csr<float> ratings) {
  IalsOrdering out;
  out.items = by_popularity(ratings.view());
  std::vector<Code> place_of_item(out.items.size());
  for (std::size_t place = 0; place < out.items.size(); ++place)
    place_of_item[out.items[place]] = static_cast<Code>(place);
  const Context uninterrupted{ctx.device, ctx.threads, {}, {}};
  out.customers = by_length(uninterrupted, ratings.view(), place_of_item);
  Csr<float> renamed =
      rename(uninterrupted, ratings.view(), out.customers, place_of_item);  // transposing twice sorts its rows
  ratings = {};
  transpose(ctx, renamed.view(), out.by_item);
  renamed = {};
  transpose(ctx, out.by_item.view(), out.by_customer);
  return out;
}

}  // namespace nextbest
