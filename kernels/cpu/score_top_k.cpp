#include "kernels/ops/score_top_k.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <hwy/aligned_allocator.h>

#include "kernels/core/error.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/cpu/item_index.hpp"
#include "kernels/cpu/score_tile.hpp"
#include "kernels/math/rank_order.hpp"

namespace nextbest::cpu {
namespace {

// Users that one thread takes at a time: enough that transposing a tile of items is small beside scoring it, few
// enough that their factors and lists stay in the cache.
constexpr Offset kBlockUsers = 32 * kTileUsers;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// The items that a user is not to be offered, ascending, and how far the scan over items has come in them.
struct Excluded {
  std::vector<Code> items;
  std::size_t next = 0;

  bool contains(Code item) {
    while (next < items.size() && items[next] < item) ++next;
    return next < items.size() && items[next] == item;
  }
};

struct UserList {
  std::vector<Ranked> pins;
  std::vector<Ranked> found;  // all of the best `room`, and some more
  Excluded excluded;
  std::size_t room = 0;  // places behind the pins
  float threshold = 0;   // what a score must reach to matter

  // Cuts what was found to the best `room`. Done once per `room` finds or so, this costs less per find than a heap.
  void cut() {
    if (found.size() <= room) return;
    std::nth_element(found.begin(), found.begin() + static_cast<Offset>(room) - 1, found.end(), RanksBefore());
    found.resize(room);
    threshold = found.back().score;
  }
  std::size_t most_found() const { return 2 * room + 32; }
};

struct Problem {
  Matrix<const float> users, items;
  std::span<const std::int64_t> popularity;
  const TopKFilter& filter;
  const TopKLists& out;
};

std::span<const Code> row_of(const CsrView<float>& matrix, Offset user) {
  return matrix.rows() == 0 ? std::span<const Code>{} : matrix.row(user);
}

[[noreturn]] void throw_nan(Offset user, Code item) {
  throw NumericalError("score_top_k: the score of user " + std::to_string(user) + " and item " + std::to_string(item) +
                       " is not a number; their factors hold NaN or infinity");
}

float score_one(const Problem& p, Offset user, Code item) {
  const float* w = p.users.row(user);
  const float* h = p.items.row(item);
  float sum = 0;
  for (Offset c = 0; c < p.users.cols; ++c) sum = std::fma(w[c], h[c], sum);
  if (std::isnan(sum)) throw_nan(user, item);
  return sum;
}

void open_list(const Problem& p, Offset user, UserList& list) {
  const std::span<const Code> owned = row_of(p.filter.owned, user);
  const std::span<const Code> blocked = row_of(p.filter.blocked, user);
  for (const Code item : row_of(p.filter.pinned, user)) {
    if (static_cast<Offset>(list.pins.size()) == p.out.item.cols) break;
    if (!std::binary_search(blocked.begin(), blocked.end(), item))
      list.pins.push_back({score_one(p, user, item), p.popularity[item], item});
  }
  list.room = static_cast<std::size_t>(p.out.item.cols) - list.pins.size();
  list.threshold = list.room == 0 ? kInfinity : -kInfinity;
  std::vector<Code>& excluded = list.excluded.items;
  excluded.assign(owned.begin(), owned.end());
  excluded.insert(excluded.end(), blocked.begin(), blocked.end());
  for (const Ranked& pin : list.pins) excluded.push_back(pin.item);
  std::sort(excluded.begin(), excluded.end());
  list.excluded.next = 0;
}

void offer_row(const Problem& p, Offset user, Code first, Code count, const float* scores, UserList& list) {
  for (Code lane = 0; lane < count; ++lane) {
    const Code item = first + lane;
    if (scores[lane] < list.threshold) continue;
    if (!p.filter.eligible.empty() && !(p.filter.eligible[item / 64] >> (item % 64) & 1)) continue;
    if (list.excluded.contains(item)) continue;
    if (std::isnan(scores[lane])) throw_nan(user, item);
    if (list.room == 0) continue;
    list.found.push_back({scores[lane], p.popularity[item], item});
    if (list.found.size() == list.most_found()) list.cut();
  }
}

// packed[c][lane] = items(first + lane, c); lanes behind the last item are 0.
void pack_items(Matrix<const float> items, Offset first, Offset count, float* packed) {
  if (count < kTileItems) std::fill_n(packed, items.cols * kTileItems, 0.0f);
  for (Offset lane = 0; lane < count; ++lane) {
    const float* row = items.row(first + lane);
    for (Offset c = 0; c < items.cols; ++c) packed[c * kTileItems + lane] = row[c];
  }
}

void score_users(const Problem& p, Offset begin, Offset end, const float* packed, Code first, Code count,
                 std::vector<UserList>& lists) {
  alignas(64) float scores[kTileUsers * kTileItems];
  for (Offset group = begin; group < end; group += kTileUsers) {
    const float* rows[kTileUsers];
    float threshold[kTileUsers];
    const int users = static_cast<int>(std::min<Offset>(kTileUsers, end - group));
    for (int u = 0; u < kTileUsers; ++u) {
      const Offset user = group + std::min(u, users - 1);  // a short group repeats its last user
      rows[u] = p.users.row(user);
      threshold[u] = lists[user - begin].threshold;
    }
    const unsigned matter = score_tile(rows, packed, p.users.cols, threshold, scores);
    for (int u = 0; u < users; ++u)
      if (matter >> u & 1) offer_row(p, group + u, first, count, scores + u * kTileItems, lists[group + u - begin]);
  }
}

void close_list(const Problem& p, Offset user, UserList& list) {
  list.cut();
  std::sort(list.found.begin(), list.found.end(), RanksBefore());
  Code* item = p.out.item.row(user);
  float* score = p.out.score.row(user);
  Offset place = 0;
  for (const std::vector<Ranked>* part : {&list.pins, &list.found}) {
    for (const Ranked& entry : *part) {
      item[place] = entry.item;
      score[place++] = entry.score;
    }
  }
  std::fill(item + place, item + p.out.item.cols, kNoCode);
  std::fill(score + place, score + p.out.item.cols, 0.0f);
}

}  // namespace

void score_top_k(Context& ctx, Matrix<const float> users, const ItemIndex& index, const TopKFilter& filter,
                 const TopKLists& out) {
  const auto& indexed = static_cast<const CpuItemIndex&>(index);
  const Matrix<const float> items = indexed.factors;
  const Problem p{users, items, indexed.popularity, filter, out};
  parallel_for(ctx, users.rows, kBlockUsers, [&](Offset begin, Offset end, int) {
    const auto packed = hwy::AllocateAligned<float>(items.cols * kTileItems);
    std::vector<UserList> lists(end - begin);
    for (Offset user = begin; user < end; ++user) open_list(p, user, lists[user - begin]);
    for (Offset first = 0; first < items.rows; first += kTileItems) {
      const Offset count = std::min<Offset>(kTileItems, items.rows - first);
      pack_items(items, first, count, packed.get());
      score_users(p, begin, end, packed.get(), static_cast<Code>(first), static_cast<Code>(count), lists);
    }
    for (Offset user = begin; user < end; ++user) close_list(p, user, lists[user - begin]);
  });
}

}  // namespace nextbest::cpu
