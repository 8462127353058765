#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/core/context.hpp"
#include "models/history.hpp"
#include "models/source.hpp"
#include "models/voting/params.hpp"

namespace nextbest {

/// The source "voting": what customers with a similar past bought next.
///     score(c, i) = sum over the nearest voters v of cos(h_c, h_v)^sharpness * 2^(-(as_of - t_v) / vote_half_life) [i
///     in B_v] h_c(i)      = sum over the baskets of c with i of basket_decay^(baskets of c after it)
/// B_v = the newest basket of v, t_v its time; h_v leaves B_v out, so that a voter is found by what he had *before* he
/// bought what he votes for, and votes for a training customer do not contain the answer. A user-based neighbourhood
/// in the form of TIFU-KNN (Hu et al. 2020) whose neighbours vote with their next basket instead of their whole past.
/// Nobody votes for himself. Customers with two baskets or more vote; where there are none, every list is empty.
/// Computed on the host whatever ctx.device is: nearest_rows has no other provider yet.
/// popularity  [items], breaks ties
/// Memory: 16 bytes per item of a voter's history; 8 bytes per neighbour and customer of a block while scoring.
std::unique_ptr<Source> fit_voting(Context& ctx, const HistoryView& history, std::vector<std::int64_t> popularity,
                                   const VotingParams& params = {});

}  // namespace nextbest
