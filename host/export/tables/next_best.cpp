#include <algorithm>

#include <fmt/format.h>
#include <xxhash.h>

#include "host/export/tables.hpp"
#include "host/export/tables/rows.hpp"

namespace nextbest {
namespace {

struct NextBestRows {
  std::vector<Code> customer, item;
  std::vector<std::int32_t> rank;
  std::vector<float> score, p_buy;
  std::vector<std::string> source, rec_id, short_list_reason;

  Chunk take(const OrderLog& log, const std::string& run_id, bool with_p_buy) {
    const std::size_t rows = customer.size();
    Chunk chunk{{"customer_id", IdColumn{&log.customers, std::move(customer)}},
                {"rank", std::move(rank)},
                {"item_id", IdColumn{&log.items, std::move(item)}},
                {"score", std::move(score)},
                {"source", std::move(source)},
                {"rec_id", std::move(rec_id)},
                {"run_id", repeated(rows, run_id)},
                {"short_list_reason", std::move(short_list_reason)}};
    if (with_p_buy) chunk.insert(chunk.begin() + 4, Column{"p_buy", std::move(p_buy)});
    *this = NextBestRows{};
    return chunk;
  }
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
                const std::string& run_id, const Isotonic& probability)
      : log_(log),
        source_names_(source_names),
        run_id_(run_id),
        reason_(reason_of_short_lists(source_names)),
        probability_(probability),
        writer_(open_table(target)) {}

  void add(const Recommendations& lists) override {
    for (std::size_t row = 0; row < lists.customer.size(); ++row) {
      add_list(lists, static_cast<Offset>(row));
      if (rows_.customer.size() >= kChunkRows) writer_->write(rows_.take(log_, run_id_, !probability_.empty()));
    }
  }
  std::vector<WrittenFile> finish() override {
    writer_->write(rows_.take(log_, run_id_, !probability_.empty()));
    return writer_->finish();
  }

 private:
  void add_list(const Recommendations& lists, Offset row) {
    const Offset begin = row * lists.k;
    const auto first = lists.item.begin() + begin;
    const Offset size = std::find(first, first + lists.k, kNoCode) - first;
    const std::string customer = log_.customers.text(lists.customer[row]);
    for (Offset place = 0; place < size; ++place) {
      const Code item = lists.item[begin + place];
      rows_.customer.push_back(lists.customer[row]);
      rows_.rank.push_back(static_cast<std::int32_t>(place + 1));
      rows_.item.push_back(item);
      rows_.score.push_back(lists.score[begin + place]);
      if (!probability_.empty()) rows_.p_buy.push_back(probability_(lists.score[begin + place]));
      rows_.source.push_back(source_names_.at(lists.source[begin + place]));
      rows_.rec_id.push_back(rec_id_of(run_id_, customer, "", log_.items.text(item)));
      rows_.short_list_reason.push_back(size < lists.k ? reason_ : "");
    }
  }

  const OrderLog& log_;
  std::vector<std::string> source_names_;
  std::string run_id_, reason_;
  Isotonic probability_;
  std::unique_ptr<TableWriter> writer_;
  NextBestRows rows_;
};

}  // namespace

std::string rec_id_of(std::string_view run_id, std::string_view customer, std::string_view surface,
                      std::string_view item) {
  // A zero byte between the parts: "a" + "bc" is not "ab" + "c".
  const std::string key = fmt::format("{}{}{}{}{}{}{}", run_id, '\0', customer, '\0', surface, '\0', item);
  return fmt::format("{:016x}", XXH3_64bits(key.data(), key.size()));
}

std::unique_ptr<TableOf<Recommendations>> open_next_best(const TableTarget& target, const OrderLog& log,
                                                         const std::vector<std::string>& source_names,
                                                         const std::string& run_id, const Isotonic& probability) {
  return std::make_unique<NextBestTable>(target, log, source_names, run_id, probability);
}

}  // namespace nextbest
