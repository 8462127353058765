#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "kernels/cuda/chunks.hpp"
#include "kernels/cuda/sequence_kernels.cuh"
#include "kernels/cuda/sequence_top_k.hpp"

namespace nextbest::cuda {
namespace {

/// The lines on the device, and what all rows of a call share.
class LineStore {
 public:
  LineStore(const Sequences& in, const CsrView<float>& lines_of, const SequenceParams& params)
      : stream_("sequence_top_k"),
        offset_(to_device(stream_, in.customer_offset)),
        item_(to_device(stream_, in.item)),
        basket_(to_device(stream_, in.basket)),
        day_(to_device(stream_, in.day)),
        weight_(to_device(stream_, in.weight)),
        customer_of_(stream_, in.lines()),
        lines_of_(stream_, {lines_of.cols, lines_of.indptr, lines_of.indices, {}}),
        host_by_baskets_(powers_of(params.basket_decay)),
        host_by_days_(powers_of(factor_per_day(params.half_life_days))),
        by_baskets_(to_device(stream_, std::span<const double>(host_by_baskets_))),
        by_days_(to_device(stream_, std::span<const double>(host_by_days_))),
        host_target_(targets_of(lines_of, params.target_exponent)),
        target_(to_device(stream_, std::span<const double>(host_target_))) {
    const Offset customers = std::max<Offset>(static_cast<Offset>(in.customer_offset.size()) - 1, 0);
    view_ = {{item_.data(), basket_.data(), day_.data(), weight_.data()},
             offset_.data(),
             customers,
             customer_of_.data(),
             lines_of_.view()};
    launch_customer_of(stream_, offset_.data(), customers, customer_of_.data());
    const Buffer<std::int64_t> work(stream_, in.items);
    launch_sequence_work(stream_, view_, work.data());
    most_.resize(in.items);
    to_host(stream_, static_cast<const std::int64_t*>(work.data()), std::span(most_));
    stream_.synchronize();
    for (std::int64_t& most : most_) most = std::min<std::int64_t>(most, in.items);
  }

  const DeviceSequences& view() const { return view_; }
  LinePairRule rule(const SequenceParams& params) const {
    return {params.same_basket,
            params.either_order,
            params.basket_decay,
            params.window_days,
            {params.basket_decay, by_baskets_.data()},
            {factor_per_day(params.half_life_days), by_days_.data()}};
  }
  const double* target() const { return target_.data(); }
  /// How many items a row can meet at most, [items].
  std::span<const std::int64_t> most() const { return most_; }

 private:
  static std::vector<double> targets_of(const CsrView<float>& lines_of, double exponent) {
    std::vector<double> targets(lines_of.rows());
    for (Offset b = 0; b < lines_of.rows(); ++b)
      targets[b] = std::pow(static_cast<double>(std::max<Offset>(lines_of.row_size(b), 1)), exponent);
    return targets;
  }

  Stream stream_;
  Buffer<Offset> offset_;
  Buffer<Code> item_;
  Buffer<std::int32_t> basket_, day_;
  Buffer<float> weight_;
  Buffer<Code> customer_of_;
  CsrBuffer lines_of_;
  std::vector<double> host_by_baskets_, host_by_days_;
  Buffer<double> by_baskets_, by_days_;
  std::vector<double> host_target_;
  Buffer<double> target_;
  std::vector<std::int64_t> most_;
  DeviceSequences view_{};
};

/// Some of the rows on their way, see in_chunks().
class Chunk {
 public:
  Chunk(const LineStore& store, const CsrView<float>& lines_of, const SequenceParams& params, Offset begin, Offset end,
        const SequenceLists& out, const TableTuning& tuning)
      : stream_("sequence_top_k"),
        out_(out),
        rows_(store.most().subspan(begin, end - begin), tuning),
        lists_(stream_, end - begin, out.item.cols, lines_of.rows()) {
    if (!params.by_exposure) {
      for (Offset a = begin; a < end; ++a)
        host_anchor_.push_back(std::pow(static_cast<double>(std::max<Offset>(lines_of.row_size(a), 1)) + params.prior,
                                        params.anchor_exponent));
      anchor_ = to_device(stream_, std::span<const double>(host_anchor_));
    }
    const SequenceWorth worth{params.sharpness, params.min_pairs, store.target(),
                              anchor_.data(),   params.prior,     params.anchor_exponent};
    rows_.launch_classes(stream_, kSequenceSlotBytes, lists_.view().selected, kSequenceThreadBytes,
                         [&](const LaunchShape& shape, const TableQueue& queue, const TableMemory& memory) {
                           launch_sequence_rows(stream_, shape, store.view(), store.rule(params), worth,
                                                static_cast<Code>(begin), queue, memory, lists_.view());
                         });
  }

  void finish() {
    lists_.bring(stream_, out_.item, out_.score);
    stream_.synchronize();
  }

 private:
  Stream stream_;
  SequenceLists out_;
  TableRows rows_;
  std::vector<double> host_anchor_;
  Buffer<double> anchor_;
  TableListBuffer lists_;
};

}  // namespace

void sequence_top_k(Context& ctx, const Sequences& in, const CsrView<float>& lines_of, const SequenceParams& params,
                    const SequenceLists& out, const TableTuning& tuning) {
  const LineStore store(in, lines_of, params);
  in_chunks(ctx, params.end - params.begin, tuning.rows_at_a_time, [&](Offset begin, Offset end) {
    return std::make_unique<Chunk>(store, lines_of, params, params.begin + begin, params.begin + end,
                                   SequenceLists{out.item.slice(begin, end), out.score.slice(begin, end)}, tuning);
  });
}

void sequence_top_k(Context& ctx, const Sequences& in, const CsrView<float>& lines_of, const SequenceParams& params,
                    const SequenceLists& out) {
  sequence_top_k(ctx, in, lines_of, params, out, TableTuning{});
}

}  // namespace nextbest::cuda
