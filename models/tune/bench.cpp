#include "models/tune/bench.hpp"

#include <algorithm>

#include "models/blend/blend_search.hpp"
#include "models/fit_sources.hpp"
#include "models/offer_filter.hpp"
#include "models/popularity/popularity.hpp"

namespace nextbest {
namespace {

constexpr Offset kBlock = 1024;

TopKLists rows_of(SourceLists& lists, Offset begin, Offset end) {
  return {{lists.item.data() + begin * lists.k, end - begin, lists.k},
          {lists.score.data() + begin * lists.k, end - begin, lists.k}};
}

}  // namespace

TuneBench::TuneBench(const TuneTask& task, Offset depth)
    : task_(task),
      depth_(depth),
      popularity_(item_orders(task.history)),
      eligible_(bought_items(popularity_, task.history)) {}

std::unique_ptr<Source> TuneBench::fit(Context& ctx, const std::string& name, const RecommenderParams& params) const {
  return fit_source(ctx, task_.history, params, name, popularity_);
}

std::vector<Offset> TuneBench::places(Offset step) const {
  std::vector<Offset> chosen;
  for (Offset at = 0; at < customers(); at += step) chosen.push_back(at);
  return chosen;
}

SharedLists TuneBench::lists(Context& ctx, const Source& source, Offset step) const {
  const std::vector<Offset> chosen = places(step);
  const auto rows = static_cast<Offset>(chosen.size());
  auto made = std::make_shared<SourceLists>();
  made->k = depth_;
  made->item.assign(rows * depth_, kNoCode);
  made->score.assign(rows * depth_, 0.0f);
  for (Offset begin = 0; begin < rows; begin += kBlock) {
    const Offset end = std::min(rows, begin + kBlock);
    std::vector<Code> block;
    for (Offset r = begin; r < end; ++r) block.push_back(task_.customers[chosen[r]]);
    const OfferRules no_rules;
    const OfferFilter filter(ctx, task_.history, block, no_rules, task_.without_owned, eligible_);
    source.candidates(ctx, task_.history, block, filter.view(), rows_of(*made, begin, end));
  }
  return made;
}

SharedLists TuneBench::every(const SourceLists& lists, Offset step) const {
  auto made = std::make_shared<SourceLists>();
  made->k = lists.k;
  for (const Offset at : places(step)) {
    made->item.insert(made->item.end(), lists.item.begin() + at * lists.k, lists.item.begin() + (at + 1) * lists.k);
    made->score.insert(made->score.end(), lists.score.begin() + at * lists.k, lists.score.begin() + (at + 1) * lists.k);
  }
  return made;
}

std::vector<double> TuneBench::ndcg(Context& ctx, std::span<const SharedLists> lists, Offset step,
                                    std::optional<std::size_t> vary, std::vector<double>& weights) const {
  const std::vector<Offset> chosen = places(step);
  const auto rows = static_cast<Offset>(chosen.size());
  BlendSearch search(lists.size());
  for (Offset begin = 0; begin < rows; begin += kBlock) {
    const Offset end = std::min(rows, begin + kBlock);
    std::vector<TopKLists> views;
    for (const SharedLists& of_source : lists) views.push_back(rows_of(*of_source, begin, end));
    search.add(merge_lists(ctx, views), task_.targets.view(), std::span(chosen).subspan(begin, end - begin),
               popularity_);
  }
  if (vary) {
    search.climb_one(ctx, *vary, weights);
  } else {
    search.climb(ctx, weights);
  }
  return search.ndcg_by_customer(weights);
}

}  // namespace nextbest
