#include "models/sequences/sequences.hpp"

#include <algorithm>
#include <numeric>

#include "kernels/math/decay.hpp"
#include "kernels/ops/transpose.hpp"
#include "models/pairs/unit_writer.hpp"

namespace nextbest {
namespace {

constexpr Offset kTilePlaces = Offset{1} << 20;  // 8 MiB of lists

class SequenceWriter {
 public:
  SequenceWriter(const HistoryView& history, const SequenceCut& cut)
      : history_(history), cut_(cut), sample_(PairsParams{}.seed, cap(history, cut)) {
    data.items = history.items;
  }

  /// Baskets [first, end) as one sequence.
  void add(Offset first, Offset end) {
    Offset from = end, lines = 0;
    while (from > first) {
      lines += std::min<Offset>(static_cast<Offset>(history_.basket(from - 1).size()), cut_.max_basket_lines);
      if (from < end && lines > cut_.max_history_lines) break;
      --from;
    }
    std::int32_t number = 0;
    for (Offset b = from; b < end; ++b) {
      const Micros time = history_.basket_time(b);
      if (b > from && (time == kNoTime || time > history_.basket_time(b - 1))) ++number;
      add_lines(sample_(history_.basket(b)), number, time);
    }
    data.customer_offset.push_back(static_cast<Offset>(data.item.size()));
  }

  SequenceData data;

 private:
  static int cap(const HistoryView& history, const SequenceCut& cut) {
    return history.baskets_are_histories() ? kMaxHistoryLines : cut.max_basket_lines;
  }

  void add_lines(std::span<const Code> items, std::int32_t number, Micros time) {
    data.item.insert(data.item.end(), items.begin(), items.end());
    data.basket.insert(data.basket.end(), items.size(), number);
    if (history_.has_times() && history_.as_of != kNoTime) {
      const Micros age = time == kNoTime ? 0 : std::max<Micros>(history_.as_of - time, 0);
      data.day.insert(data.day.end(), items.size(), -static_cast<std::int32_t>(age / kMicrosPerDay));
      if (cut_.half_life_days > 0)
        data.weight.insert(data.weight.end(), items.size(),
                           static_cast<float>(decay(history_.as_of, time, cut_.half_life_days)));
    }
  }

  const HistoryView& history_;
  const SequenceCut& cut_;
  ItemSampler sample_;
};

/// [items, lines]: which lines hold an item.
Csr<float> lines_by_item(Context& ctx, const SequenceData& data) {
  std::vector<Offset> one_each(data.item.size() + 1);
  std::iota(one_each.begin(), one_each.end(), Offset{0});
  Csr<float> lines_of;
  transpose(ctx, {data.items, one_each, data.item, {}}, lines_of);
  return lines_of;
}

}  // namespace

SequenceData sequences_of(const HistoryView& history, const SequenceCut& cut) {
  SequenceWriter writer(history, cut);
  for (Code c = 0; c < static_cast<Code>(history.customers()); ++c)
    writer.add(history.customer_offset[c], history.customer_offset[c + 1]);
  const Offset nobodys = history.customers() > 0 ? history.customer_offset.back() : 0;
  for (Offset b = nobodys; b < history.baskets(); ++b) writer.add(b, b + 1);
  return std::move(writer.data);
}

Csr<float> nearest_in_sequences(Context& ctx, const SequenceData& data, SequenceParams params, int k) {
  const Csr<float> lines_of = lines_by_item(ctx, data);
  const Offset places = std::clamp<Offset>(data.items - 1, 1, k);
  const Offset rows = std::clamp<Offset>(kTilePlaces / places, 1, std::max<Offset>(data.items, 1));
  std::vector<Code> item(rows * places);
  std::vector<float> score(rows * places);
  Csr<float> near;
  near.cols = data.items;
  for (params.begin = 0; params.begin < data.items; params.begin = params.end) {
    params.end = std::min(data.items, params.begin + rows);
    const Offset n = params.end - params.begin;
    sequence_top_k(ctx, data.view(), lines_of.view(), params, {{item.data(), n, places}, {score.data(), n, places}});
    if (ctx.cancelled && ctx.cancelled()) break;
    for (Offset row = 0; row < n; ++row) {
      for (Offset at = row * places; at < (row + 1) * places && item[at] != kNoCode; ++at) {
        near.indices.push_back(item[at]);
        near.values.push_back(score[at]);
      }
      near.indptr.push_back(static_cast<Offset>(near.indices.size()));
    }
  }
  near.indptr.resize(data.items + 1, near.indptr.back());
  return near;
}

}  // namespace nextbest
