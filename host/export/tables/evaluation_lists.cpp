#include <algorithm>
#include <numeric>

#include "host/export/tables.hpp"
#include "host/export/tables/rows.hpp"
#include "kernels/core/expects.hpp"

namespace nextbest {
namespace {

struct ListRows {
  std::vector<Code> customer, item;
  std::vector<std::int32_t> rank;
  std::vector<float> score;
  std::vector<std::string> source;

  void add(Code of, const RankedLists& lists, Offset row) {
    for (Offset place = 0; place < lists.k && lists.item[row * lists.k + place] != kNoCode; ++place) {
      customer.push_back(of);
      rank.push_back(static_cast<std::int32_t>(place + 1));
      item.push_back(lists.item[row * lists.k + place]);
      score.push_back(lists.score[row * lists.k + place]);
      source.push_back(lists.source);
    }
  }

  Chunk take(const OrderLog& log) {
    Chunk chunk{{"customer_id", IdColumn{&log.customers, std::move(customer)}},
                {"rank", std::move(rank)},
                {"item_id", IdColumn{&log.items, std::move(item)}},
                {"score", std::move(score)},
                {"source", std::move(source)}};
    *this = ListRows{};
    return chunk;
  }
};

}  // namespace

std::vector<WrittenFile> write_evaluation_lists(const TableTarget& target, const OrderLog& log,
                                                const EvaluationSet& set, const std::vector<RankedLists>& lists) {
  for (const RankedLists& list : lists) {
    expects_equal(static_cast<std::int64_t>(list.item.size()), static_cast<std::int64_t>(set.customer.size()) * list.k,
                  "write_evaluation_lists", list.source.c_str());
  }
  std::vector<std::size_t> by_name(lists.size());
  std::iota(by_name.begin(), by_name.end(), std::size_t{0});
  std::sort(by_name.begin(), by_name.end(),
            [&](std::size_t a, std::size_t b) { return lists[a].source < lists[b].source; });

  const std::unique_ptr<TableWriter> writer = open_table(target);
  ListRows rows;
  for (std::size_t row = 0; row < set.customer.size(); ++row) {
    for (const std::size_t source : by_name) rows.add(set.customer[row], lists[source], static_cast<Offset>(row));
    if (rows.customer.size() >= kChunkRows) writer->write(rows.take(log));
  }
  writer->write(rows.take(log));
  return writer->finish();
}

}  // namespace nextbest
