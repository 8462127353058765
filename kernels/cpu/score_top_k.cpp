#include "kernels/ops/score_top_k.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/cpu/item_index.hpp"
#include "kernels/cpu/screen.hpp"
#include "kernels/math/top_k_list.hpp"

namespace nextbest::cpu {
namespace {

// Users that one thread takes at a time: enough to find groups of similar thresholds among them and to read a tile of
// items often while it is near, few enough that their factors and lists stay in the cache.
constexpr Offset kBlockUsers = 256;
// Between two groupings a user scans this many tiles at most; fewer at the start, where thresholds rise fast.
constexpr Offset kMostTiles = 32;
// What a user's list asks for at least is read off the screen's sums for so many tiles, before any item is scored.
constexpr Offset kFirstTiles = 2;

struct Problem {
  Matrix<const float> users;
  const CpuItemIndex& items;
  const TopKFilter& filter;
  const TopKLists& out;
};

std::span<const Code> row_of(const CsrView<float>& matrix, Offset user) {
  return matrix.rows() == 0 ? std::span<const Code>{} : matrix.row(user);
}

bool holds(std::span<const Code> ascending, Code item) {
  return std::binary_search(ascending.begin(), ascending.end(), item);
}

/// One user of a block: what is known of its list so far.
class UserScan {
 public:
  ScreenedUser about;

  void open(const Problem& p, Offset user, std::uint32_t* quads) {
    user_ = user;
    quads_ = quads;
    about = screen_user(p.users.row(user), p.users.cols, quads);
    pins_.clear();
    waiting_size_ = 0;
    for (const Code item : row_of(p.filter.pinned, user)) {
      if (static_cast<Offset>(pins_.size()) == p.out.item.cols) break;
      if (holds(row_of(p.filter.blocked, user), item)) continue;
      wait(p, item);
      score_waiting(p, [&](const ScoredItem& pin) { pins_.push_back(checked(pin)); });
    }
    list_.open(static_cast<std::size_t>(p.out.item.cols) - pins_.size());
    floor_ = -std::numeric_limits<float>::infinity();
    exclude(p);
  }

  const std::uint32_t* quads() const { return quads_; }
  /// What a score must reach to matter. Finite: a score may be infinite where the bound of its tile, in double, is not.
  float threshold() const { return std::min(std::max(list_.threshold(), floor_), std::numeric_limits<float>::max()); }
  /// Norm of an item below which it cannot matter to the user, but for rounding; as it was when last noted.
  double least_norm() const { return least_norm_; }
  void note_least_norm() {
    const double least = threshold() / about.norm;
    least_norm_ = std::isnan(least) ? 0 : least;
  }
  bool full_of_pins() const { return list_.room() == 0; }

  /// least  [kFirstTiles, kTileItems] what the items of the first tiles score at least; of use where the list has no
  /// more room than that
  void set_floor(const Problem& p, float* least) {
    constexpr int kItems = kFirstTiles * kTileItems;
    if (list_.room() > kItems) return;
    for (Offset tile = 0; tile < kFirstTiles; ++tile)
      for (std::uint64_t left = excluded_in(tile * kTileItems); left != 0; left &= left - 1)
        least[tile * kTileItems + std::countr_zero(left)] = -std::numeric_limits<float>::infinity();
    next_excluded_ = 0;
    for (int i = 0; !p.filter.eligible.empty() && i < kItems; ++i)
      if (!may_be_offered(p, p.items.code[i])) least[i] = -std::numeric_limits<float>::infinity();
    const auto most = static_cast<float>(about.norm * p.items.tiles[0].norm);
    floor_ = reached_by(least, kItems, static_cast<int>(list_.room()), most);
  }

  /// Some items of a tile may matter, a bit each; tiles come in ascending order. Scores are made for several items at a
  /// time.
  void take(const Problem& p, Offset tile, std::uint64_t passed) {
    for (std::uint64_t left = passed & ~excluded_in(tile * kTileItems); left != 0; left &= left - 1) {
      const Code item = p.items.code[tile * kTileItems + std::countr_zero(left)];
      if (!may_be_offered(p, item)) continue;
      wait(p, item);
      if (waiting_size_ == kScoreRows) offer_waiting(p);
    }
  }

  void close(const Problem& p) {
    offer_waiting(p);
    Code* item = p.out.item.row(user_);
    float* score = p.out.score.row(user_);
    Offset place = 0;
    const auto write = [&](const ScoredItem& entry) {
      item[place] = entry.item;
      score[place++] = entry.score;
    };
    const std::vector<ScoredItem>& found = list_.sorted(RanksBeforeByLookup{p.items.popularity});
    std::for_each(pins_.begin(), pins_.end(), write);
    std::for_each(found.begin(), found.end(), write);
    std::fill(item + place, item + p.out.item.cols, kNoCode);
    std::fill(score + place, score + p.out.item.cols, 0.0f);
  }

 private:
  /// Notes the places of what must not be offered behind the pins.
  void exclude(const Problem& p) {
    excluded_.clear();
    next_excluded_ = 0;
    const auto note = [&](Code item) {
      if (item >= 0 && item < p.items.items) excluded_.push_back(p.items.place[item]);
    };
    for (const Code item : row_of(p.filter.owned, user_)) note(item);
    for (const Code item : row_of(p.filter.blocked, user_)) note(item);
    for (const ScoredItem& pin : pins_) note(pin.item);
    std::sort(excluded_.begin(), excluded_.end());
  }

  static bool may_be_offered(const Problem& p, Code item) {
    const auto& eligible = p.filter.eligible;
    return item != kNoCode && (eligible.empty() || (eligible[item / 64] >> (item % 64) & 1));
  }

  std::uint64_t excluded_in(Offset first) {
    while (next_excluded_ < excluded_.size() && excluded_[next_excluded_] < first) ++next_excluded_;
    std::uint64_t bits = 0;
    for (std::size_t i = next_excluded_; i < excluded_.size() && excluded_[i] < first + kTileItems; ++i)
      bits |= std::uint64_t{1} << (excluded_[i] - first);
    return bits;
  }

  void wait(const Problem& p, Code item) {
    const float* row = p.items.factors.row(item);
    for (Offset c = 0; c < p.items.dim; c += 16) __builtin_prefetch(row + c);
    waiting_[waiting_size_++] = item;
  }

  template <class Use>
  void score_waiting(const Problem& p, Use&& use) {
    if (waiting_size_ == 0) return;
    const float* rows[kScoreRows];
    float scores[kScoreRows];
    for (int i = 0; i < kScoreRows; ++i) rows[i] = p.items.factors.row(waiting_[i < waiting_size_ ? i : 0]);
    score_rows(p.users.row(user_), rows, p.items.dim, scores);
    for (int i = 0; i < waiting_size_; ++i) use({scores[i], waiting_[i]});
    waiting_size_ = 0;
  }

  void offer_waiting(const Problem& p) {
    score_waiting(p, [&](const ScoredItem& found) {
      if (!(found.score < threshold())) list_.offer(checked(found), RanksBeforeByLookup{p.items.popularity});
    });
  }

  const ScoredItem& checked(const ScoredItem& found) const {
    if (std::isnan(found.score))
      throw NumericalError("score_top_k: the score of user " + std::to_string(user_) + " and item " +
                           std::to_string(found.item) + " is not a number; their factors hold NaN or infinity");
    return found;
  }

  Offset user_ = 0;
  double least_norm_ = 0;
  const std::uint32_t* quads_ = nullptr;
  std::vector<ScoredItem> pins_;
  TopKList list_;
  float floor_ = 0;             // what a score must reach even before the list is full
  std::vector<Code> excluded_;  // places in the order of the index, ascending
  std::size_t next_excluded_ = 0;
  Code waiting_[kScoreRows] = {};
  int waiting_size_ = 0;
};

/// Scans the items, the longest first, for a block of users; one per thread.
class BlockScan {
 public:
  explicit BlockScan(const Problem& p) : p_(p), quads_(kBlockUsers * p.items.steps), users_(kBlockUsers) {
    group_.quads = hwy::AllocateAligned<std::uint32_t>(p.items.steps * kGroupUsers);
  }

  void run(Offset begin, Offset end) {
    active_.clear();
    for (Offset u = 0; u < end - begin; ++u) {
      users_[u].open(p_, begin + u, quads_.data() + u * p_.items.steps);
      if (!users_[u].full_of_pins()) active_.push_back(&users_[u]);
    }
    const Offset tiles = static_cast<Offset>(p_.items.tiles.size());
    for (std::size_t at = 0; at < active_.size() && tiles > kFirstTiles; at += kGroupUsers) set_floors(at);
    for (Offset first = 0, length = 1; first < tiles && !active_.empty(); first += length) {
      length = std::min({2 * length, kMostTiles, tiles - first});
      sort_active(p_.items.tiles[first].norm);
      for (std::size_t at = 0; at < active_.size(); at += kGroupUsers) scan(at, first, first + length);
    }
    for (Offset u = 0; u < end - begin; ++u) users_[u].close(p_);
  }

 private:
  /// Drops users for whom nothing is left and puts users of similar reach side by side, so that they end together.
  void sort_active(double norm) {
    constexpr double kMargin = 1.01;  // far above all rounding; screen_tiles() decides exactly
    for (UserScan* user : active_) user->note_least_norm();
    std::erase_if(active_, [&](const UserScan* user) { return user->least_norm() > norm * kMargin; });
    std::sort(active_.begin(), active_.end(),
              [](const UserScan* x, const UserScan* y) { return x->least_norm() < y->least_norm(); });
  }

  void fill_group(std::size_t at) {
    for (std::size_t u = 0; u < kGroupUsers; ++u) {
      const bool there = at + u < active_.size();
      const UserScan& user = *active_[there ? at + u : at];
      group_.threshold[u] = there ? user.threshold() : std::numeric_limits<double>::infinity();
      group_.norm[u] = there ? user.about.norm : 0;
      group_.hat[u] = user.about.hat;
      group_.error[u] = user.about.error;
      group_.inverse_scale[u] = user.about.inverse_scale;
      for (Offset s = 0; s < p_.items.steps; ++s) group_.quads[s * kGroupUsers + u] = user.quads()[s];
    }
  }

  // Tells each user of the group what the list will ask for at least: the screen's sums for the first tiles say it
  // before any item is scored.
  void set_floors(std::size_t at) {
    fill_group(at);
    alignas(64) float least[kGroupUsers][kFirstTiles * kTileItems];
    for (Offset tile = 0; tile < kFirstTiles; ++tile)
      least_scores(group_, p_.items, tile, least[0] + tile * kTileItems, kFirstTiles * kTileItems);
    for (std::size_t u = 0; u < std::min<std::size_t>(kGroupUsers, active_.size() - at); ++u)
      active_[at + u]->set_floor(p_, least[u]);
  }

  void scan(std::size_t at, Offset first, Offset last) {
    fill_group(at);
    std::uint64_t passed[kGroupUsers];
    for (Offset tile = first; (tile = screen_tiles(group_, p_.items, tile, last, passed)) < last; ++tile) {
      const std::size_t users = std::min<std::size_t>(kGroupUsers, active_.size() - at);
      for (std::size_t u = 0; u < users; ++u) {
        UserScan& user = *active_[at + u];
        if (passed[u] != 0) user.take(p_, tile, passed[u]);
        group_.threshold[u] = user.threshold();
      }
    }
  }

  const Problem& p_;
  std::vector<std::uint32_t> quads_;
  std::vector<UserScan> users_;
  std::vector<UserScan*> active_;
  UserGroup group_;
};

}  // namespace

void score_top_k(Context& ctx, Matrix<const float> users, const ItemIndex& items, const TopKFilter& filter,
                 const TopKLists& out) {
  const Problem p{users, static_cast<const CpuItemIndex&>(items), filter, out};
  std::vector<std::unique_ptr<BlockScan>> scans(std::max(ctx.threads, 1));
  parallel_for(ctx, users.rows, kBlockUsers, [&](Offset begin, Offset end, int thread) {
    if (!scans[thread]) scans[thread] = std::make_unique<BlockScan>(p);
    scans[thread]->run(begin, end);
  });
}

}  // namespace nextbest::cpu
