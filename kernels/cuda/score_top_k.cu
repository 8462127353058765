#include <algorithm>
#include <limits>
#include <memory>
#include <string>

#include "kernels/core/error.hpp"
#include "kernels/cuda/chunks.hpp"
#include "kernels/cuda/score_lists.cuh"
#include "kernels/cuda/score_parts.hpp"
#include "kernels/ops/score_top_k.hpp"

namespace nextbest::cuda {
namespace {

// After so many tiles the thresholds tell users apart well enough to put those together who need equally many more.
constexpr Offset kFirstTiles = 4;
constexpr unsigned long long kNone = std::numeric_limits<unsigned long long>::max();

CsrView<float> rows_of(const CsrView<float>& matrix, Offset begin, Offset end) {
  return matrix.rows() == 0 ? CsrView<float>{} : matrix.slice(begin, end);
}

/// A part of the filter on the device; nothing where there is none.
class FilterPart {
 public:
  FilterPart(const Stream& stream, const CsrView<float>& rows) {
    if (rows.rows() != 0)
      csr_ = std::make_unique<CsrBuffer>(stream, CsrView<float>{rows.cols, rows.indptr, rows.indices, {}});
  }
  DeviceCsr view() const { return csr_ ? csr_->view() : DeviceCsr{}; }

 private:
  std::unique_ptr<CsrBuffer> csr_;
};

/// Users [begin, end) on their way, see in_chunks().
class Chunk {
 public:
  Chunk(const DeviceItems& items, Offset first_item, const Matrix<const float>& users, const TopKFilter& filter,
        const TopKLists& out, Offset begin, Offset end)
      : stream_("score_top_k"),
        begin_(begin),
        first_item_(first_item),
        out_{out.item.slice(begin, end), out.score.slice(begin, end)},
        rows_(to_device(stream_, users.slice(begin, end))),
        owned_(stream_, rows_of(filter.owned, begin, end)),
        blocked_(stream_, rows_of(filter.blocked, begin, end)),
        pinned_(stream_, rows_of(filter.pinned, begin, end)),
        eligible_(to_device(stream_, filter.eligible)),
        norm_(stream_, end - begin),
        threshold_(stream_, end - begin),
        score_(stream_, (end - begin) * out.item.cols),
        item_(stream_, (end - begin) * out.item.cols),
        count_(stream_, end - begin),
        pins_(stream_, end - begin),
        room_(stream_, end - begin),
        found_(stream_, (end - begin) * finds_of_list(out.item.cols, items.items)),
        not_a_number_(stream_, 1) {
    const UserLists lists{end - begin,
                          rows_.data(),
                          norm_.data(),
                          found_.data(),
                          count_.data(),
                          pins_.data(),
                          room_.data(),
                          threshold_.data(),
                          item_.data(),
                          score_.data(),
                          not_a_number_.data(),
                          static_cast<int>(out.item.cols),
                          static_cast<int>(finds_of_list(out.item.cols, items.items))};
    give_work(items, lists);
  }

  void finish() {
    unsigned long long bad = kNone;
    to_host(stream_, static_cast<const unsigned long long*>(not_a_number_.data()), std::span(&bad, 1));
    to_host(stream_, static_cast<const Code*>(item_.data()), out_.item);
    to_host(stream_, static_cast<const float*>(score_.data()), out_.score);
    stream_.synchronize();
    if (bad != kNone)
      throw NumericalError("score_top_k: the score of user " + std::to_string(begin_ + static_cast<Offset>(bad >> 32)) +
                           " and item " + std::to_string(first_item_ + static_cast<Offset>(bad & 0xFFFF'FFFF)) +
                           " is not a number; their factors hold NaN or infinity");
  }

 private:
  void give_work(const DeviceItems& items, const UserLists& lists) {
    const DeviceFilter filter{owned_.view(), blocked_.view(), pinned_.view(), eligible_.data()};
    fill_bytes(stream_, not_a_number_.data(), 0xFF, sizeof(kNone));
    upper_norms(stream_, rows_.data(), lists.users, items.dim, norm_.data());
    open_lists(stream_, items, filter, lists);
    const Offset first = std::min(kFirstTiles, items.tiles);
    scan_items(stream_, items, filter, lists, nullptr, 0, first);
    if (first < items.tiles)
      scan_items(stream_, items, filter, lists, order_by_work(stream_, items, lists).data(), first, items.tiles);
    close_lists(stream_, items, lists);
  }

  Stream stream_;
  Offset begin_, first_item_;
  TopKLists out_;
  Buffer<float> rows_;
  FilterPart owned_, blocked_, pinned_;
  Buffer<std::uint64_t> eligible_;
  Buffer<float> norm_, threshold_, score_;
  Buffer<Code> item_;
  Buffer<int> count_, pins_, room_;
  Buffer<unsigned long long> found_, not_a_number_;
};

}  // namespace

void score_resident(const Context& ctx, Matrix<const float> users, const ResidentItems& resident, Offset first_item,
                    const TopKFilter& filter, const TopKLists& out) {
  const DeviceItems items = resident.view();
  in_chunks(ctx, users.rows, kScoredUsersAtATime, [&](Offset begin, Offset end) {
    return std::make_unique<Chunk>(items, first_item, users, filter, out, begin, end);
  });
}

void score_top_k(Context& ctx, Matrix<const float> users, const ItemIndex& index, const TopKFilter& filter,
                 const TopKLists& out) {
  const auto& items = static_cast<const CudaItemIndex&>(index);
  if (items.resident() != nullptr)
    score_resident(ctx, users, *items.resident(), 0, filter, out);
  else
    score_in_parts(ctx, users, items, filter, out);
}

}  // namespace nextbest::cuda
