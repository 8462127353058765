#include "models/ials/ordering.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "kernels/ops/transpose.hpp"

namespace nextbest {
namespace {

std::vector<Code> by_popularity(const CsrView<float>& ratings) {
  std::vector<Offset> buyers(ratings.cols, 0);
  for (Offset r = 0; r < ratings.rows(); ++r)
    for (const Code item : ratings.row(r)) ++buyers[item];
  std::vector<Code> items(ratings.cols);
  std::iota(items.begin(), items.end(), 0);
  std::stable_sort(items.begin(), items.end(), [&](Code x, Code y) { return buyers[x] < buyers[y]; });
  return items;
}

std::vector<Code> by_length(const CsrView<float>& ratings, const std::vector<Code>& place_of_item) {
  std::vector<std::pair<Offset, Code>> keys;  // length, place of the most popular item
  for (Offset r = 0; r < ratings.rows(); ++r) {
    Code most_popular = kNoCode;
    for (const Code item : ratings.row(r)) most_popular = std::max(most_popular, place_of_item[item]);
    keys.emplace_back(ratings.row_size(r), most_popular);
  }
  std::vector<Code> customers(ratings.rows());
  std::iota(customers.begin(), customers.end(), 0);
  std::stable_sort(customers.begin(), customers.end(), [&](Code x, Code y) { return keys[x] < keys[y]; });
  return customers;
}

}  // namespace

IalsOrdering ials_ordering(Context& ctx, const CsrView<float>& ratings) {
  IalsOrdering out;
  out.items = by_popularity(ratings);
  std::vector<Code> place_of_item(out.items.size());
  for (std::size_t place = 0; place < out.items.size(); ++place)
    place_of_item[out.items[place]] = static_cast<Code>(place);
  out.customers = by_length(ratings, place_of_item);

  Csr<float> renamed;  // its rows are not sorted; transposing twice sorts them
  renamed.cols = ratings.cols;
  renamed.indices.reserve(ratings.nnz());
  for (const Code customer : out.customers) {
    for (const Code item : ratings.row(customer)) renamed.indices.push_back(place_of_item[item]);
    const auto values = ratings.row_values(customer);
    renamed.values.insert(renamed.values.end(), values.begin(), values.end());
    renamed.indptr.push_back(static_cast<Offset>(renamed.indices.size()));
  }
  transpose(ctx, renamed.view(), out.by_item);
  renamed = {};
  transpose(ctx, out.by_item.view(), out.by_customer);
  return out;
}

}  // namespace nextbest
