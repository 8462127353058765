#include <algorithm>

#include <xxhash.h>

#include "host/export/hex_digits.hpp"
#include "host/export/tables.hpp"
#include "host/export/tables/rows.hpp"

namespace nextbest {
namespace {

struct NextBestRows {
  std::vector<Code> customer, item, source, short_list_reason;
  std::vector<std::int32_t> rank;
  std::vector<float> score, p_buy;
  std::vector<std::uint64_t> rec_id;

  std::size_t size() const { return customer.size(); }
};

/// A zero byte between the parts: "a" + "bc" is not "ab" + "c".
class RecKey {
 public:
  RecKey(std::string_view run_id, std::string_view customer, std::string_view surface) {
    for (const std::string_view part : {run_id, customer, surface}) {
      key_ += part;
      key_ += '\0';
    }
    before_item_ = key_.size();
  }
  std::uint64_t hash(std::string_view item) {
    key_.resize(before_item_);
    key_ += item;
    return XXH3_64bits(key_.data(), key_.size());
  }

 private:
  std::string key_;
  std::size_t before_item_;
};

/// Popularity can fill every list with whatever a customer may be offered; without it, lists end where the evidence
/// does.
std::string reason_of_short_lists(const std::vector<std::string>& source_names) {
  const bool fills = std::find(source_names.begin(), source_names.end(), "popularity") != source_names.end();
  return fills ? "fewer_eligible_items" : "fewer_candidates";
}

class NextBestTable : public TableOf<Recommendations> {
 public:
  NextBestTable(const TableTarget& target, const OrderLog& log, const std::vector<std::string>& source_names,
                const std::string& run_id, const Isotonic& probability, const Context& ctx)
      : log_(log),
        source_names_(source_names),
        run_id_(run_id),
        reason_(reason_of_short_lists(source_names)),
        probability_(probability),
        writer_(open_table(target)) {
    ctx_.threads = ctx.threads;
  }

  void add(const Recommendations& lists) override {
    write_entries(
        ctx_, std::ssize(lists.customer), rest_, [&](Offset row) { return size_of(lists, row); },
        [&](Offset row, NextBestRows& rows) { add_list(lists, row, rows); },
        [&](NextBestRows&& rows) { return as_chunk(std::move(rows)); }, *writer_);
  }
  std::vector<WrittenFile> finish() override {
    writer_->write(as_chunk(std::move(rest_)));
    return writer_->finish();
  }

 private:
  static Offset size_of(const Recommendations& lists, Offset row) {
    const auto first = lists.item.begin() + row * lists.k;
    return std::find(first, first + lists.k, kNoCode) - first;
  }

  void add_list(const Recommendations& lists, Offset row, NextBestRows& rows) const {
    const Offset begin = row * lists.k, size = size_of(lists, row);
    RecKey key(run_id_, log_.customers.text(lists.customer[row]), "");
    for (Offset place = begin; place < begin + size; ++place) {
      const Code item = lists.item[place];
      rows.customer.push_back(lists.customer[row]);
      rows.rank.push_back(static_cast<std::int32_t>(place - begin + 1));
      rows.item.push_back(item);
      rows.score.push_back(lists.score[place]);
      if (!probability_.empty()) rows.p_buy.push_back(probability_(lists.score[place]));
      rows.source.push_back(static_cast<Code>(lists.source[place]));
      rows.rec_id.push_back(key.hash(log_.items.text(item)));
      rows.short_list_reason.push_back(size < lists.k ? 0 : kNoCode);
    }
  }

  Chunk as_chunk(NextBestRows&& rows) const {
    const std::size_t size = rows.size();
    Chunk chunk{{"customer_id", IdColumn{&log_.customers, std::move(rows.customer)}},
                {"rank", std::move(rows.rank)},
                {"item_id", IdColumn{&log_.items, std::move(rows.item)}},
                {"score", std::move(rows.score)},
                {"source", NameColumn{source_names_, std::move(rows.source)}},
                {"rec_id", HexColumn{std::move(rows.rec_id)}},
                {"run_id", repeated(size, run_id_)},
                {"short_list_reason", NameColumn{{reason_}, std::move(rows.short_list_reason)}}};
    if (!probability_.empty()) chunk.insert(chunk.begin() + 4, Column{"p_buy", std::move(rows.p_buy)});
    return chunk;
  }

  const OrderLog& log_;
  std::vector<std::string> source_names_;
  std::string run_id_, reason_;
  Isotonic probability_;
  Context ctx_;
  std::unique_ptr<TableWriter> writer_;
  NextBestRows rest_;  ///< not enough for a chunk yet
};

}  // namespace

std::string rec_id_of(std::string_view run_id, std::string_view customer, std::string_view surface,
                      std::string_view item) {
  const auto digits = hex_digits(RecKey(run_id, customer, surface).hash(item));
  return {digits.data(), digits.size()};
}

std::unique_ptr<TableOf<Recommendations>> open_next_best(const TableTarget& target, const OrderLog& log,
                                                         const std::vector<std::string>& source_names,
                                                         const std::string& run_id, const Isotonic& probability,
                                                         const Context& ctx) {
  return std::make_unique<NextBestTable>(target, log, source_names, run_id, probability, ctx);
}

}  // namespace nextbest
