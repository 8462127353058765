#include "models/ridge/ridge.hpp"

#include <algorithm>
#include <numeric>

#include "kernels/ops/ridge_top_k.hpp"
#include "kernels/ops/transpose.hpp"
#include "models/select.hpp"
#include "models/voting/past_vectors.hpp"

namespace nextbest {
namespace {

/// The items that take part, ascending, and their places; kNoCode for the others.
struct Shelf {
  std::vector<Code> item, place;
  Offset size() const { return static_cast<Offset>(item.size()); }
};

Shelf shelf_of(std::span<const std::int64_t> popularity, int most) {
  Shelf shelf;
  for (Code i = 0; i < static_cast<Code>(popularity.size()); ++i)
    if (popularity[i] > 0) shelf.item.push_back(i);
  if (shelf.size() > most) {
    const auto better = [&](Code x, Code y) {
      return popularity[x] != popularity[y] ? popularity[x] > popularity[y] : x < y;
    };
    std::nth_element(shelf.item.begin(), shelf.item.begin() + most, shelf.item.end(), better);
    shelf.item.resize(static_cast<std::size_t>(most));
    std::sort(shelf.item.begin(), shelf.item.end());
  }
  shelf.place.assign(popularity.size(), kNoCode);
  for (std::size_t p = 0; p < shelf.item.size(); ++p) shelf.place[shelf.item[p]] = static_cast<Code>(p);
  return shelf;
}

/// The same rows over the shelf.
Csr<float> on_shelf(const CsrView<float>& rows, const Shelf& shelf) {
  Csr<float> kept;
  kept.cols = shelf.size();
  for (Offset r = 0; r < rows.rows(); ++r) {
    const std::span<const Code> items = rows.row(r);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (shelf.place[items[i]] == kNoCode) continue;
      kept.indices.push_back(shelf.place[items[i]]);
      if (!rows.values.empty()) kept.values.push_back(rows.row_values(r)[i]);
    }
    kept.indptr.push_back(static_cast<Offset>(kept.indices.size()));
  }
  return kept;
}

struct Lessons {
  Csr<float> past, next;
};

Lessons read_lessons(const HistoryView& history, const Shelf& shelf, const RidgeParams& params) {
  PastVectors pasts(history.items, params.basket_decay, params.max_history_items);
  Csr<float> next;
  next.cols = history.items;
  const Offset customers = history.customers(), looked_at = std::min<Offset>(customers, params.customers);
  for (Offset n = 0; n < looked_at; ++n) {
    const Offset c = n * customers / looked_at;
    const Offset first = history.customer_offset[c], end = history.customer_offset[c + 1];
    for (Offset b = end; b-- > std::max(first + 1, end - params.targets);) {
      pasts.add(history, first, b);
      next.indices.insert(next.indices.end(), history.basket(b).begin(), history.basket(b).end());
      next.indptr.push_back(static_cast<Offset>(next.indices.size()));
    }
  }
  return {on_shelf(pasts.vectors.view(), shelf), on_shelf(next.view(), shelf)};
}

/// [items, items] what each item speaks for.
Csr<float> regress(Context& ctx, const Lessons& lessons, const Shelf& shelf, Offset items, const RidgeParams& params) {
  double diagonal = 0;
  for (const float value : lessons.past.values) diagonal += static_cast<double>(value) * value;
  const auto penalty =
      static_cast<float>(params.ridge * diagonal / static_cast<double>(std::max<Offset>(shelf.size(), 1)));
  Csr<float> predictors;  // [items, shelf]
  predictors.cols = items;
  predictors.indptr.assign(1, 0);
  if (penalty > 0) {
    const Offset kept = std::min<Offset>(params.kept, shelf.size());
    std::vector<Code> item(shelf.size() * kept, kNoCode);
    std::vector<float> weight(shelf.size() * kept);
    ridge_top_k(ctx, lessons.past.view(), lessons.next.view(), std::vector<float>(shelf.item.size(), penalty),
                {{item.data(), shelf.size(), kept}, {weight.data(), shelf.size(), kept}});
    for (Offset j = 0; j < shelf.size(); ++j) {
      for (Offset at = j * kept; at < (j + 1) * kept && item[at] != kNoCode; ++at) {
        predictors.indices.push_back(shelf.item[item[at]]);
        predictors.values.push_back(weight[at]);
      }
      predictors.indptr.push_back(static_cast<Offset>(predictors.indices.size()));
    }
  }
  Csr<float> speaks_for;
  transpose(ctx, predictors.view(), speaks_for);
  for (Code& target : speaks_for.indices) target = shelf.item[target];
  speaks_for.cols = items;
  return speaks_for;
}

class Ridge : public Source {
 public:
  Ridge(Csr<float> speaks_for, std::vector<std::int64_t> popularity, const RidgeParams& params)
      : speaks_for_(std::move(speaks_for)), popularity_(std::move(popularity)), params_(params) {}

  std::string_view name() const override { return "ridge"; }

  void candidates(Context& ctx, const HistoryView& history, std::span<const Code> customers, const TopKFilter& filter,
                  const TopKLists& out) const override {
    PastVectors pasts(history.items, params_.basket_decay, params_.max_history_items);
    for (const Code c : customers) pasts.add(history, history.customer_offset[c], history.customer_offset[c + 1]);
    const CsrView<float> past = pasts.vectors.view(), speaks_for = speaks_for_.view();
    select_rows(ctx, popularity_, filter, out, [&](Offset row, TouchedSums& sums) {
      const std::span<const float> values = past.row_values(row);
      std::size_t i = 0;
      for (const Code item : past.row(row)) sums.add(speaks_for.row(item), speaks_for.row_values(item), values[i++]);
    });
  }

 private:
  Csr<float> speaks_for_;
  std::vector<std::int64_t> popularity_;
  RidgeParams params_;
};

}  // namespace

std::unique_ptr<Source> fit_ridge(Context& ctx, const HistoryView& history, std::vector<std::int64_t> popularity,
                                  const RidgeParams& params) {
  const Shelf shelf = shelf_of(popularity, params.items);
  const Lessons lessons = read_lessons(history, shelf, params);
  Csr<float> speaks_for = regress(ctx, lessons, shelf, history.items, params);
  return std::make_unique<Ridge>(std::move(speaks_for), std::move(popularity), params);
}

}  // namespace nextbest
