#include "models/voting/voting.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/core/philox.hpp"
#include "kernels/math/decay.hpp"
#include "kernels/ops/nearest_rows.hpp"
#include "kernels/ops/transpose.hpp"
#include "models/select.hpp"
#include "models/voting/past_vectors.hpp"

namespace nextbest {
namespace {

constexpr std::uint64_t kSeed = 0x766f'7465, kStream = 1;

Offset first_basket(const HistoryView& history, Code customer) {
  return history.customer_offset[customer];
}
Offset last_basket(const HistoryView& history, Code customer) {
  return history.customer_offset[customer + 1] - 1;
}

struct Voters {
  std::vector<Code> customer;  ///< ascending
  Csr<float> by_item;          ///< [items, voters] their pasts
  Csr<float> votes;            ///< [voters, items] their newest baskets, one weight each
};

double vote_weight(const HistoryView& history, Code customer, const VotingParams& params) {
  return decay(history.as_of, history.basket_time(last_basket(history, customer)), params.vote_half_life_days);
}

/// All customers with a past and a newest basket; of more than params.voters a weighted sample without replacement: the
/// smallest Exp(weight) draws (Efraimidis & Spirakis 2006), each a function of the customer alone.
std::vector<Code> choose_voters(const HistoryView& history, const VotingParams& params) {
  std::vector<std::pair<double, Code>> draws;
  for (Code c = 0; c < static_cast<Code>(history.customers()); ++c) {
    if (last_basket(history, c) <= first_basket(history, c)) continue;
    const PhiloxBlock block = philox(kSeed, kStream, static_cast<std::uint64_t>(c));
    const double uniform = (static_cast<double>(block.word[0]) + 0.5) * 0x1p-32;
    // The logarithm of the draw: weights of very old votes would underflow.
    const double age = -std::log(std::max(vote_weight(history, c, params), 1e-300));
    draws.emplace_back(std::log(-std::log(uniform)) + age, c);
  }
  const auto most = static_cast<std::size_t>(params.voters);
  if (draws.size() > most) {
    std::nth_element(draws.begin(), draws.begin() + static_cast<std::ptrdiff_t>(most), draws.end());
    draws.resize(most);
  }
  std::vector<Code> voters;
  for (const auto& [draw, customer] : draws) voters.push_back(customer);
  std::sort(voters.begin(), voters.end());
  return voters;
}

Voters read_voters(Context& ctx, const HistoryView& history, const VotingParams& params) {
  Voters voters;
  voters.customer = choose_voters(history, params);
  voters.votes.cols = history.items;
  PastVectors pasts(history.items, params.basket_decay, params.max_history_items);
  for (const Code c : voters.customer) {
    pasts.add(history, first_basket(history, c), last_basket(history, c));
    const std::span<const Code> vote = history.basket(last_basket(history, c));
    voters.votes.indices.insert(voters.votes.indices.end(), vote.begin(), vote.end());
    voters.votes.values.insert(voters.votes.values.end(), vote.size(),
                               static_cast<float>(vote_weight(history, c, params)));
    voters.votes.indptr.push_back(static_cast<Offset>(voters.votes.indices.size()));
  }
  transpose(ctx, pasts.vectors.view(), voters.by_item);
  return voters;
}

class Voting : public Source {
 public:
  Voting(Voters voters, std::vector<std::int64_t> popularity, const VotingParams& params)
      : voters_(std::move(voters)), popularity_(std::move(popularity)), params_(params) {}

  std::string_view name() const override { return "voting"; }

  void candidates(Context& ctx, const HistoryView& history, std::span<const Code> customers, const TopKFilter& filter,
                  const TopKLists& out) const override {
    const auto rows = static_cast<Offset>(customers.size());
    const Offset k = std::clamp<Offset>(static_cast<Offset>(voters_.customer.size()), 1, params_.neighbours);
    std::vector<Code> voter(rows * k);
    std::vector<float> cosine(rows * k);
    find_voters(ctx, history, customers, {{voter.data(), rows, k}, {cosine.data(), rows, k}});
    const CsrView<float> votes = voters_.votes.view();
    select_rows(ctx, popularity_, filter, out, [&](Offset row, TouchedSums& sums) {
      for (Offset at = row * k; at < (row + 1) * k && voter[at] != kNoCode; ++at) {
        const float weight = std::pow(cosine[at], static_cast<float>(params_.sharpness));
        sums.add(votes.row(voter[at]), votes.row_values(voter[at]), weight);
      }
    });
  }

 private:
  void find_voters(Context& ctx, const HistoryView& history, std::span<const Code> customers,
                   const NearestRowLists& out) const {
    PastVectors pasts(history.items, params_.basket_decay, params_.max_history_items);
    std::vector<Code> himself;
    for (const Code c : customers) {
      pasts.add(history, first_basket(history, c), last_basket(history, c) + 1);
      const auto found = std::lower_bound(voters_.customer.begin(), voters_.customer.end(), c);
      const bool votes = found != voters_.customer.end() && *found == c;
      himself.push_back(votes ? static_cast<Code>(found - voters_.customer.begin()) : kNoCode);
    }
    nearest_rows(ctx, pasts.vectors.view(), voters_.by_item.view(), himself, out);
  }

  Voters voters_;
  std::vector<std::int64_t> popularity_;
  VotingParams params_;
};

}  // namespace

std::unique_ptr<Source> fit_voting(Context& ctx, const HistoryView& history, std::vector<std::int64_t> popularity,
                                   const VotingParams& params) {
  return std::make_unique<Voting>(read_voters(ctx, history, params), std::move(popularity), params);
}

}  // namespace nextbest
