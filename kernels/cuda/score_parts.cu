#include <algorithm>
#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/cuda/score_parts.hpp"

namespace nextbest::cuda {
namespace {

/// Items [first, first + popularity.size()) of all, and what the filter says about them; codes begin at 0.
struct Items {
  Matrix<const float> factors;
  std::span<const std::int64_t> popularity;
  Offset first;
  TopKFilter filter;

  Offset size() const { return factors.rows; }
};

/// The codes of [begin, end), counted from there.
Csr<float> columns_of(const CsrView<float>& rows, Offset begin, Offset end) {
  Csr<float> part;
  part.cols = end - begin;
  if (rows.rows() == 0) part.indptr.clear();
  for (Offset r = 0; r < rows.rows(); ++r) {
    for (const Code code : rows.row(r))
      if (code >= begin && code < end) part.indices.push_back(static_cast<Code>(code - begin));
    part.indptr.push_back(static_cast<Offset>(part.indices.size()));
  }
  return part;
}

/// Items [begin, end) of others, with lists of their own.
struct Half {
  Half(const Items& all, Offset begin, Offset end, Offset users, Offset k)
      : owned(columns_of(all.filter.owned, begin, end)),
        blocked(columns_of(all.filter.blocked, begin, end)),
        pinned(columns_of(all.filter.pinned, begin, end)),
        item(users * k),
        score(users * k),
        lists{{item.data(), users, k}, {score.data(), users, k}},
        items{all.factors.slice(begin, end),
              all.popularity.subspan(begin, end - begin),
              all.first + begin,
              {owned.view(), blocked.view(), pinned.view(), {}}} {
    if (!all.filter.eligible.empty())
      items.filter.eligible = all.filter.eligible.subspan(begin / 64, (end - begin + 63) / 64);
  }

  Csr<float> owned, blocked, pinned;
  std::vector<Code> item;
  std::vector<float> score;
  TopKLists lists;
  Items items;
};

/// One user's lists of both halves, made into one from the front.
class Merge {
 public:
  Merge(const Items& all, const Half& left, const Half& right, Offset user, const TopKLists& out)
      : all_(all), left_(left), right_(right), user_(user), out_(out) {}

  void run() {
    pins();
    while (place_ < out_.item.cols) take(left_is_better());
  }

 private:
  Offset half() const { return left_.items.size(); }
  Code code(const Half& from, Offset at) const { return at < out_.item.cols ? from.lists.item(user_, at) : kNoCode; }

  // Pinned items stand first in both lists, in the order wanted.
  void pins() {
    if (all_.filter.pinned.rows() == 0) return;
    const CsrView<float>& blocked = all_.filter.blocked;
    for (const Code pin : all_.filter.pinned.row(user_)) {
      if (place_ == out_.item.cols) return;
      const bool refused = blocked.rows() != 0 && std::ranges::binary_search(blocked.row(user_), pin);
      if (!refused) take(pin < half());
    }
  }
  bool left_is_better() const {
    const Code l = code(left_, l_), r = code(right_, r_);
    if (l == kNoCode || r == kNoCode) return r == kNoCode;
    const float left = left_.lists.score(user_, l_), right = right_.lists.score(user_, r_);
    if (left != right) return left > right;
    return left_.items.popularity[l] >= right_.items.popularity[r];
  }
  void take(bool from_left) {
    const Half& from = from_left ? left_ : right_;
    Offset& at = from_left ? l_ : r_;
    const Code taken = code(from, at);
    out_.item(user_, place_) = taken == kNoCode || from_left ? taken : static_cast<Code>(taken + half());
    out_.score(user_, place_) = from.lists.score(user_, at);
    ++at;
    ++place_;
  }

  const Items& all_;
  const Half &left_, &right_;
  Offset user_;
  const TopKLists& out_;
  Offset l_ = 0, r_ = 0, place_ = 0;
};

void score_some(const Context& ctx, Matrix<const float> users, const Items& items, const TopKLists& out) {
  try {
    const ResidentItems resident(items.factors, items.popularity);
    return score_resident(ctx, users, resident, items.first, items.filter, out);
  } catch (const DoesNotFit&) {
    if (items.size() <= kLeastPart) throw;
  }
  const Offset half = (items.size() / 2 + kLeastPart - 1) / kLeastPart * kLeastPart, k = out.item.cols;
  Half left(items, 0, half, users.rows, k), right(items, half, items.size(), users.rows, k);
  score_some(ctx, users, left.items, left.lists);
  score_some(ctx, users, right.items, right.lists);
  if (ctx.cancelled && ctx.cancelled()) return;
  for (Offset u = 0; u < users.rows; ++u) Merge(items, left, right, u, out).run();
}

}  // namespace

void score_in_parts(const Context& ctx, Matrix<const float> users, const CudaItemIndex& items, const TopKFilter& filter,
                    const TopKLists& out) {
  score_some(ctx, users, {items.factors(), items.popularity(), 0, filter}, out);
}

}  // namespace nextbest::cuda
