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

std::vector<Offset> places(const TuneWindow& window, Offset step) {
  std::vector<Offset> chosen;
  for (Offset at = 0; at < static_cast<Offset>(window.customers.size()); at += step) chosen.push_back(at);
  return chosen;
}

}  // namespace

TuneBench::TuneBench(const TuneTask& task, Offset depth) : task_(task), depth_(depth) {
  for (const TuneWindow& window : task.windows) {
    std::vector<std::int64_t> popularity = item_orders(window.history);
    std::vector<std::uint64_t> eligible = bought_items(popularity, window.history);
    at_.push_back({std::move(popularity), std::move(eligible)});
  }
}

Offset TuneBench::first_row(std::size_t window, Offset step) const {
  Offset rows = 0;
  for (std::size_t w = 0; w < window; ++w)
    rows += (static_cast<Offset>(task_.windows[w].customers.size()) + step - 1) / step;
  return rows;
}

FittedWindows TuneBench::fit(Context& ctx, const std::string& name, const RecommenderParams& params) const {
  FittedWindows fitted;
  for (std::size_t w = 0; w < task_.windows.size(); ++w) {
    std::unique_ptr<Source> source = fit_source(ctx, task_.windows[w].history, params, name, at_[w].popularity);
    if (!source) return {};
    fitted.push_back(std::move(source));
  }
  return fitted;
}

SharedLists TuneBench::lists(Context& ctx, const FittedWindows& source, Offset step) const {
  auto made = std::make_shared<SourceLists>();
  const Offset rows = first_row(task_.windows.size(), step);
  made->k = depth_;
  made->item.assign(rows * depth_, kNoCode);
  made->score.assign(rows * depth_, 0.0f);
  for (std::size_t w = 0; w < task_.windows.size(); ++w) {
    const TuneWindow& window = task_.windows[w];
    const std::vector<Offset> chosen = places(window, step);
    const auto count = static_cast<Offset>(chosen.size());
    for (Offset begin = 0; begin < count; begin += kBlock) {
      const Offset end = std::min(count, begin + kBlock), row = first_row(w, step);
      std::vector<Code> block;
      for (Offset r = begin; r < end; ++r) block.push_back(window.customers[chosen[r]]);
      const OfferRules no_rules;
      const OfferFilter filter(ctx, window.history, block, no_rules, task_.without_owned, at_[w].eligible);
      source[w]->candidates(ctx, window.history, block, filter.view(), rows_of(*made, row + begin, row + end));
    }
  }
  return made;
}

SharedLists TuneBench::every(const SourceLists& lists, Offset step) const {
  auto made = std::make_shared<SourceLists>();
  made->k = lists.k;
  for (std::size_t w = 0; w < task_.windows.size(); ++w) {
    for (const Offset place : places(task_.windows[w], step)) {
      const Offset at = (first_row(w, 1) + place) * lists.k;
      made->item.insert(made->item.end(), lists.item.begin() + at, lists.item.begin() + at + lists.k);
      made->score.insert(made->score.end(), lists.score.begin() + at, lists.score.begin() + at + lists.k);
    }
  }
  return made;
}

std::vector<double> TuneBench::ndcg(Context& ctx, std::span<const SharedLists> lists, Offset step,
                                    std::optional<std::size_t> vary, std::vector<double>& weights) const {
  BlendSearch search(lists.size());
  for (std::size_t w = 0; w < task_.windows.size(); ++w) {
    const std::vector<Offset> chosen = places(task_.windows[w], step);
    const auto rows = static_cast<Offset>(chosen.size());
    for (Offset begin = 0; begin < rows; begin += kBlock) {
      const Offset end = std::min(rows, begin + kBlock), row = first_row(w, step);
      std::vector<TopKLists> views;
      for (const SharedLists& of_source : lists) views.push_back(rows_of(*of_source, row + begin, row + end));
      search.add(merge_lists(ctx, views), task_.windows[w].targets.view(),
                 std::span(chosen).subspan(begin, end - begin), at_[w].popularity);
    }
  }
  if (vary) {
    search.climb_one(ctx, *vary, weights);
  } else {
    search.climb(ctx, weights);
  }
  return search.ndcg_by_customer(weights);
}

}  // namespace nextbest
