#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/evaluate/lists.hpp"
#include "host/export/table.hpp"
#include "host/store/order_log.hpp"
#include "kernels/core/context.hpp"
#include "kernels/core/view.hpp"
#include "models/pairs/pair_table.hpp"
#include "models/recommender.hpp"

namespace nextbest {

/// Where and as what a table is written.
struct TableTarget {
  std::filesystem::path run_dir;
  std::string table;  ///< folder inside run_dir, e.g. "pairs" or "export/pairs"
  TableFormat format = TableFormat::kParquet;
};

/// The tables of a run. Columns, their order, and the sorting are those of the published format; columns that this
/// version does not fill are absent. All of them stream in chunks. @throws OutputError

/// A table that is written in blocks of its rows, in the order of its key.
template <class Rows>
class TableOf {
 public:
  virtual ~TableOf() = default;
  virtual void add(const Rows& rows) = 0;
  virtual std::vector<WrittenFile> finish() = 0;
};

/// Sorted by target_item_id, source, rank; source = "together". Rows are made on ctx.threads, and are the same for all
/// numbers of them.
std::unique_ptr<TableOf<PairTable>> open_pairs(const TableTarget& target, const OrderLog& log,
                                               const std::string& run_id, const Context& ctx = {});
/// Sorted by customer_id, rank. Row r of the lists belongs to lists.customer[r], ascending. rec_id = rec_id_of(...).
/// p_buy = probability(score), where that is known. short_list_reason stands where a customer got fewer than k:
/// "fewer_eligible_items", or "fewer_candidates" where no source fills the lists. Threads as for
/// open_pairs.
std::unique_ptr<TableOf<Recommendations>> open_next_best(const TableTarget& target, const OrderLog& log,
                                                         const std::vector<std::string>& source_names,
                                                         const std::string& run_id, const Isotonic& probability = {},
                                                         const Context& ctx = {});
/// What the ids are inside: kind ("customer", then "item"), id, code. The ids have the type the user gave them; only
/// where items and customers differ in type they are text.
std::vector<WrittenFile> write_id_map(const TableTarget& target, const OrderLog& log);
/// kind and id as in write_id_map, factors [dim] float32 as a list of fixed size.
std::vector<WrittenFile> write_embeddings_table(const TableTarget& target, const OrderLog& log,
                                                Matrix<const float> items, Matrix<const float> customers);
/// items.npy [items, dim], item_ids.npy, customers.npy, customer_ids.npy, all read by np.load.
std::vector<WrittenFile> write_embeddings_npy(const std::filesystem::path& run_dir, const std::string& folder,
                                              const OrderLog& log, Matrix<const float> items,
                                              Matrix<const float> customers);
/// Sorted by customer_id, source, rank.
std::vector<WrittenFile> write_evaluation_lists(const TableTarget& target, const OrderLog& log,
                                                const EvaluationSet& set, const std::vector<RankedLists>& lists);

/// 16 hex digits of a hash of (run, customer, surface, item), ids as text: joinable, no personal data.
std::string rec_id_of(std::string_view run_id, std::string_view customer, std::string_view surface,
                      std::string_view item);

}  // namespace nextbest
