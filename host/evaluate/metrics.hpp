#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "kernels/core/types.hpp"

namespace nextbest {

/// The metrics of one list, in the order of metrics_at. Coverage belongs to all lists together and is not among them.
inline constexpr std::array<std::string_view, 8> kListMetrics = {"recall",   "recall_min_k", "ndcg", "ndcg_full_ideal",
                                                                 "hit_rate", "precision",    "map",  "mrr"};
using ListMetrics = std::array<double, kListMetrics.size()>;

/// "ndcg" and 10 give "ndcg_at_10".
std::string metric_name(std::string_view base, int k);

/// The metrics of the first k places of one list. With h_r = 1 where place r (from 1) is a hit, h = sum h_r and |T| > 0
/// targets:
///   recall           h / |T|                      recall_min_k   h / min(k, |T|)
///   ndcg             sum h_r / log2(1 + r), over the same sum of a list that opens with min(k, |T|) hits
///                                                 (Jarvelin & Kekalainen 2002, binary gain)
///   ndcg_full_ideal  the same over a list that opens with |T| hits, however long
///   hit_rate         1 where h > 0                precision      h / k, also where the list is shorter
///   map              sum h_r (hits up to r) / r, over |T|  (trec_eval's map_cut)
///   mrr              1 / place of the first hit, 0 without one
/// hit  may be shorter than k: missing places are misses
ListMetrics metrics_at(std::span<const std::uint8_t> hit, Offset targets, int k);

}  // namespace nextbest
