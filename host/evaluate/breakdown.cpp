#include "host/evaluate/breakdown.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

#include "host/evaluate/report.hpp"

namespace nextbest {
namespace {

constexpr int kCutoff = 10;

void append(std::span<const Code> items, Csr<float>& rows) {
  rows.indices.insert(rows.indices.end(), items.begin(), items.end());
  rows.indptr.push_back(static_cast<Offset>(rows.indices.size()));
}

/// The targets that count, with the rows of the customers who have any.
struct Slice {
  EvaluationSet set;
  std::vector<Offset> rows;
};

Slice slice_of(const EvaluationSet& set, const std::function<bool(Offset row, Code item)>& counts) {
  Slice slice;
  slice.set.targets.cols = slice.set.history.cols = set.targets.cols;
  slice.set.known_items = set.known_items;
  std::vector<Code> targets;
  for (Offset row = 0; row < static_cast<Offset>(set.customer.size()); ++row) {
    targets.clear();
    for (const Code item : set.targets.view().row(row))
      if (counts(row, item)) targets.push_back(item);
    if (targets.empty()) continue;
    slice.rows.push_back(row);
    slice.set.customer.push_back(set.customer[row]);
    append(targets, slice.set.targets);
    append(set.history.view().row(row), slice.set.history);
  }
  return slice;
}

RankedLists rows_of(const RankedLists& lists, const std::vector<Offset>& rows) {
  RankedLists out{lists.source, lists.k, {}, {}, {}};
  for (const Offset row : rows) {
    const auto begin = row * lists.k, end = begin + lists.k;
    out.item.insert(out.item.end(), lists.item.begin() + begin, lists.item.begin() + end);
    out.score.insert(out.score.end(), lists.score.begin() + begin, lists.score.begin() + end);
  }
  return out;
}

class Breakdown {
 public:
  Breakdown(Context& ctx, const Trial& trial, const RankedLists& lists, const RankedLists& baseline)
      : ctx_(ctx), trial_(trial), lists_(lists), baseline_(baseline) {
    const std::vector<int>& cutoffs = trial.job.evaluate.cutoffs;
    const bool asked = std::find(cutoffs.begin(), cutoffs.end(), kCutoff) != cutoffs.end();
    cutoff_ = asked ? kCutoff : cutoffs.front();
  }

  nlohmann::json by_orders() const {
    struct Group {
      const char* name;
      Offset from, to;
    };
    nlohmann::json out = nlohmann::json::array();
    const HistoryView history = trial_.read->view();
    for (const Group& group : {Group{"1", 1, 2}, Group{"2-4", 2, 5}, Group{"5-19", 5, 20},
                               Group{"20 and more", 20, std::numeric_limits<Offset>::max()}}) {
      add(group.name, out, [&](Offset row, Code) {
        const Code customer = trial_.selected.set.customer[row];
        const Offset orders = history.customer_offset[customer + 1] - history.customer_offset[customer];
        return orders >= group.from && orders < group.to;
      });
    }
    return out;
  }

  nlohmann::json by_category(const Categorical& category) const {
    std::vector<std::int64_t> targets(category.names.size(), 0);
    for (const Code item : trial_.selected.set.targets.indices)
      if (category.code[item] != kNoCode) ++targets[category.code[item]];
    std::vector<Code> order(category.names.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](Code x, Code y) { return targets[x] > targets[y]; });
    nlohmann::json out = nlohmann::json::array();
    for (const Code c : std::span(order).first(std::min(order.size(), kCategories)))
      add(category.names[c], out, [&](Offset, Code item) { return category.code[item] == c; });
    return out;
  }

 private:
  /// One entry; none where no target counts.
  void add(const std::string& name, nlohmann::json& out, const std::function<bool(Offset, Code)>& counts) const {
    throw_if_interrupted();
    const Slice slice = slice_of(trial_.selected.set, counts);
    if (slice.rows.empty()) return;
    const Measured blend = measured(slice, lists_), baseline = measured(slice, baseline_);
    const nlohmann::json difference = paired_differences(blend, baseline);
    out.push_back({{"name", name},
                   {"customers", slice.rows.size()},
                   {"targets", blend.classes.front()},
                   {"difference", difference.front()}});
  }

  Measured measured(const Slice& slice, const RankedLists& lists) const {
    return measure(ctx_, slice.set, rows_of(lists, slice.rows), {measured_classes(trial_.job.evaluate.targets).front()},
                   {cutoff_}, trial_.job.seed);
  }

  Context& ctx_;
  const Trial& trial_;
  const RankedLists& lists_;
  const RankedLists& baseline_;
  int cutoff_ = kCutoff;
};

}  // namespace

nlohmann::json breakdown_json(Context& ctx, const Trial& trial, const RankedLists& lists, const RankedLists& baseline) {
  const Breakdown breakdown(ctx, trial, lists, baseline);
  nlohmann::json out = {{"baseline", baseline.source}, {"orders", breakdown.by_orders()}};
  const Catalogue& catalogue = trial.log.catalogue;
  if (!catalogue.category.empty() && !catalogue.category.front().code.empty())
    out["category"] = breakdown.by_category(catalogue.category.front());
  return out;
}

}  // namespace nextbest
