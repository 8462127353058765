#include <algorithm>

#include "kernels/math/decay.hpp"
#include "models/neighbours/neighbours.hpp"
#include "models/select.hpp"

namespace nextbest {
namespace {

using Anchor = std::pair<Code, float>;

class NeighbourSource : public Source {
 public:
  NeighbourSource(std::string name, Csr<float> neighbours, std::vector<std::int64_t> popularity,
                  const AnchorParams& anchors)
      : name_(std::move(name)),
        neighbours_(std::move(neighbours)),
        popularity_(std::move(popularity)),
        anchors_(anchors) {}

  std::string_view name() const override { return name_; }

  void candidates(Context& ctx, const HistoryView& history, std::span<const Code> customers, const TopKFilter& filter,
                  const TopKLists& out) const override {
    const CsrView<float> neighbours = neighbours_.view();
    select_rows(ctx, popularity_, filter, out, [&](Offset row, TouchedSums& sums) {
      for (const auto& [item, weight] : anchors_of(history, customers[row], anchors_))
        sums.add(neighbours.row(item), neighbours.row_values(item), weight);
    });
  }

 private:
  std::string name_;
  Csr<float> neighbours_;
  std::vector<std::int64_t> popularity_;
  AnchorParams anchors_;
};

}  // namespace

std::vector<Anchor> anchors_of(const HistoryView& history, Code customer, const AnchorParams& params) {
  std::vector<Anchor> anchors;
  const Micros now = history.read_at(customer);
  double later_baskets = 1;  // basket_decay to the power of their number
  for (Offset b = history.customer_offset[customer + 1]; b-- > history.customer_offset[customer];) {
    const double weight = later_baskets * decay(now, history.basket_time(b), params.half_life_days);
    for (const Code item : history.basket(b)) anchors.emplace_back(item, static_cast<float>(weight));
    later_baskets *= params.basket_decay;
  }
  // Newest first, so that unique() keeps an item's newest purchase.
  const auto newest_first = [](const Anchor& x, const Anchor& y) {
    return x.first != y.first ? x.first < y.first : x.second > y.second;
  };
  const auto same_item = [](const Anchor& x, const Anchor& y) { return x.first == y.first; };
  std::sort(anchors.begin(), anchors.end(), newest_first);
  anchors.erase(std::unique(anchors.begin(), anchors.end(), same_item), anchors.end());
  if (static_cast<int>(anchors.size()) > params.most) {
    const auto heavier = [](const Anchor& x, const Anchor& y) {
      return x.second != y.second ? x.second > y.second : x.first < y.first;
    };
    std::nth_element(anchors.begin(), anchors.begin() + params.most, anchors.end(), heavier);
    anchors.resize(static_cast<std::size_t>(params.most));
    std::sort(anchors.begin(), anchors.end());
  }
  return anchors;
}

std::unique_ptr<Source> make_neighbour_source(std::string name, Csr<float> neighbours,
                                              std::vector<std::int64_t> popularity, const AnchorParams& anchors) {
  return std::make_unique<NeighbourSource>(std::move(name), std::move(neighbours), std::move(popularity), anchors);
}

}  // namespace nextbest
