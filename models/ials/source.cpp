#include <algorithm>
#include <string_view>
#include <utility>

#include "kernels/core/expects.hpp"
#include "models/ials/ials.hpp"

namespace nextbest {
namespace {

class IalsSource : public Source {
 public:
  IalsSource(std::shared_ptr<const IalsFactors> factors, std::vector<std::int64_t> popularity)
      : factors_(std::move(factors)), popularity_(std::move(popularity)) {
    expects_equal(static_cast<Offset>(popularity_.size()), factors_->item_matrix().rows, "ials", "items in popularity");
  }

  std::string_view name() const override { return "ials"; }

  void candidates(Context& ctx, const HistoryView&, std::span<const Code> customers, const TopKFilter& filter,
                  const TopKLists& out) const override {
    const Offset rows = static_cast<Offset>(customers.size()), dim = factors_->dim;
    std::vector<float> users(rows * dim, 0.0F);
    const Matrix<const float> known = factors_->customer_matrix();
    for (Offset r = 0; r < rows; ++r)
      if (customers[r] < known.rows) std::copy_n(known.row(customers[r]), dim, users.data() + r * dim);

    score_top_k(ctx, {users.data(), rows, dim}, factors_->item_matrix(), popularity_, filter, out);
    // The vector of a customer without history is zero: every item scores 0, which is no reason to offer any.
    for (Offset r = 0; r < rows; ++r) {
      const float* w = users.data() + r * dim;
      if (std::any_of(w, w + dim, [](float x) { return x != 0; })) continue;
      std::fill_n(out.item.row(r), out.item.cols, kNoCode);
      std::fill_n(out.score.row(r), out.score.cols, 0.0F);
    }
  }

 private:
  std::shared_ptr<const IalsFactors> factors_;
  std::vector<std::int64_t> popularity_;
};

}  // namespace

std::unique_ptr<Source> make_ials_source(std::shared_ptr<const IalsFactors> factors,
                                         std::vector<std::int64_t> popularity) {
  return std::make_unique<IalsSource>(std::move(factors), std::move(popularity));
}

}  // namespace nextbest
