#include "host/plan/memory.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "models/ease/ease.hpp"

namespace nextbest {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;
/// Rows that the tables gather before they are written, and the most in a Parquet row group that is open.
constexpr std::int64_t kChunkRows = 1 << 16, kGroupRows = 1 << 20, kGroupBytes = 256 * kMiB;
/// Customers that are recommended to at a time.
constexpr std::int64_t kListBlock = 1 << 16;
/// Neighbours of an item; their lists are made in tiles of so many bytes.
constexpr std::int64_t kNeighbours = 100, kNeighbourTile = 40 * kMiB;

/// Measured on Complete Journey, Online Retail and a synthetic retailer of 3 million lines, 2 threads, as what the
/// formulas left unexplained: the program with its libraries and buffers per thread; a row of the pairs table until it
/// is written; what the allocators keep meanwhile.
constexpr std::int64_t kProgram = 78 * kMiB, kPairRowBytes = 1000;
constexpr std::int64_t kTrainSlack = 80 * kMiB, kListSlack = 150 * kMiB, kEvaluateSlack = 50 * kMiB,
                       kExportSlack = 30 * kMiB;

/// Candidates with their features, and the copies that fitting makes of them: measured, per feature and customer that
/// the blend learns from or is judged on.
constexpr std::int64_t kFeatureBytes = 1'300, kBlendCustomers = 20'000;

/// One pair in the padded lists.
constexpr std::int64_t kPairBytes = 40;

/// Baskets as a sparse matrix with weights and customers.
std::int64_t units_bytes(const LogSize& size) {
  return 4 * size.lines + 20 * size.baskets;
}
/// A copy of the units, their transpose with the numbers of the units, and the totals of the items.
std::int64_t index_bytes(const LogSize& size) {
  return units_bytes(size) + 8 * size.lines + 48 * size.items;
}
/// Most items of a catalogue have few neighbours: there are hardly more of those than lines.
std::int64_t neighbour_bytes(const LogSize& size) {
  return 8 * size.items + 8 * std::min(size.items * kNeighbours, size.lines);
}
/// Published pairs: measured, 0.5 % to 2 % of the times that two items lie in one order.
std::int64_t expected_pairs(const LogSize& size, const Job& job) {
  const double lines = static_cast<double>(size.lines);
  const double others = std::min(lines / static_cast<double>(std::max<std::int64_t>(1, size.baskets)),
                                 static_cast<double>(job.pairs.max_basket_lines)) -
                        1;
  return std::min(size.items * pair_row_bytes(size, job) / kPairBytes,
                  static_cast<std::int64_t>(0.009 * lines * std::max(0.0, others)));
}
/// Rows as they are gathered and once more as Arrow has them, and the pages of an open row group.
std::int64_t writer_bytes(std::int64_t rows, std::int64_t row_bytes, std::int64_t page_bytes) {
  return 2 * std::min(rows, kChunkRows) * row_bytes + std::min(std::min(rows, kGroupRows) * page_bytes, kGroupBytes);
}
/// The same for pairs, whose chunks are made beside one another.
std::int64_t pair_writer_bytes(std::int64_t pairs) {
  return std::min(pairs, 4 * kChunkRows) * kPairRowBytes + std::min(std::min(pairs, kGroupRows) * 120, kGroupBytes);
}
/// The Gramian of so many items that it fits, or the largest entries of every item's row.
std::int64_t ease_bytes(const LogSize& size, const EaseParams& params) {
  const std::int64_t dense = std::min<std::int64_t>(size.items, params.dense_items);
  const std::int64_t lists = index_bytes(size) + kNeighbourTile + 8 * size.items * kGramianLists * params.predictors;
  return size.items > dense ? lists : 4 * dense * dense;
}

/// What models/blend/features.hpp has: of every source, of items, customers and prices, and of the groups of a
/// catalogue: department, category, brand.
std::int64_t blend_features(const Job& job) {
  const auto sources = static_cast<std::int64_t>(job.recommend.sources.size());
  const auto levels = std::min<std::int64_t>(2, static_cast<std::int64_t>(job.items.category.size()));
  return 3 * sources + 30 + 6 * (levels + (job.items.columns.contains("brand") ? 1 : 0));
}

/// That take part in the regression.
std::int64_t ridge_items(const LogSize& size, const Job& job) {
  return std::min<std::int64_t>(size.items, job.recommend.params.ridge.items);
}

}  // namespace

bool asks_for(const Job& job, const char* source) {
  const auto& sources = job.recommend.sources;
  return std::find(sources.begin(), sources.end(), source) != sources.end();
}

bool blends(const Job& job) {
  return job.recommend.sources.size() > 1;
}

KeptColumns learnt_columns(const Job& job) {
  return blends(job) ? KeptColumns::kItemsAndPrices : KeptColumns::kItems;
}

std::int64_t log_bytes(const LogSize& size, const Job& job) {
  return kProgram + size.lines * size.line_bytes(learnt_columns(job)) + size.baskets * (16 + (size.times ? 8 : 0)) +
         8 * size.customers + size.id_bytes + 400 * size.catalogue;
}

std::int64_t pair_row_bytes(const LogSize& size, const Job& job) {
  return kPairBytes * std::clamp<std::int64_t>(size.items - 1, 1, job.pairs.top_per_item);
}

std::int64_t pairs_bytes(const LogSize& size, const Job& job, std::int64_t tile_bytes) {
  const std::int64_t pairs = expected_pairs(size, job);
  const std::int64_t lists = tile_bytes + std::min(tile_bytes, kPairBytes * pairs);
  const std::int64_t counting = index_bytes(size) + lists + pair_writer_bytes(pairs);
  return log_bytes(size, job) + std::max(units_bytes(size) + index_bytes(size), counting);
}

std::int64_t model_bytes(const LogSize& size, const Job& job) {
  std::int64_t bytes = 24 * size.items;
  for (const char* source : {"together", "after", "item_item"})
    if (asks_for(job, source)) bytes += neighbour_bytes(size);
  if (asks_for(job, "ease"))
    bytes += 8 * size.items * (1 + std::min<std::int64_t>(size.items, job.recommend.params.ease.kept));
  if (asks_for(job, "ridge")) {
    const std::int64_t items = ridge_items(size, job);
    bytes += 8 * (size.items + items * std::min<std::int64_t>(items, job.recommend.params.ridge.kept));
  }
  if (asks_for(job, "ials"))
    bytes += ((size.customers + size.items) * 4 + size.items * 4) * job.embeddings.factors + 8 * size.customers;
  if (asks_for(job, "voting")) {
    const double voters = std::min(1.0, job.recommend.params.voting.voters / static_cast<double>(size.customers + 1));
    bytes += 16 * static_cast<std::int64_t>(voters * static_cast<double>(size.purchases));
  }
  return bytes;
}

std::int64_t fitting_bytes(const LogSize& size, const Job& job) {
  std::int64_t most = 0;
  if (asks_for(job, "together") || asks_for(job, "item_item"))
    most = index_bytes(size) + std::max(units_bytes(size), kNeighbourTile);
  if (asks_for(job, "ease")) most = std::max(most, units_bytes(size) + ease_bytes(size, job.recommend.params.ease));
  if (asks_for(job, "ridge")) most = std::max(most, 4 * ridge_items(size, job) * ridge_items(size, job));
  if (asks_for(job, "replenish")) most = std::max(most, 40 * size.items);
  if (asks_for(job, "ials"))
    most = std::max({most, 20 * size.purchases + std::max(size.customers, size.items) * job.embeddings.factors * 2,
                     (size.customers + size.items) * job.embeddings.factors * 4});
  return most;
}

std::int64_t train_bytes(const LogSize& size, const Job& job) {
  const std::int64_t vectors = asks_for(job, "ials") ? size.customers + size.items : 0;
  const std::int64_t vector_bytes = 4 * job.embeddings.factors;
  const std::int64_t writing = writer_bytes(vectors, 3 * vector_bytes / 2, vector_bytes);
  return log_bytes(size, job) + model_bytes(size, job) + std::max(fitting_bytes(size, job), writing) + kTrainSlack;
}

std::int64_t evaluate_bytes(const LogSize& size, const Job& job) {
  const auto sources = static_cast<std::int64_t>(job.recommend.sources.size());
  const std::int64_t k = job.evaluate.cutoffs.back();
  const auto columns = static_cast<std::int64_t>(job.evaluate.cutoffs.size()) * 3 * 8;
  const std::int64_t histories = 2 * (size.lines * 5 + 16 * size.baskets);  // the parts of the lines, and the pasts
  // About half of the customers have something to be found.
  const std::int64_t lists = size.customers / 2 * ((sources + 1) * k * 9 + columns * 4) + 4 * size.purchases;
  const std::int64_t blend =
      blends(job) ? kFeatureBytes * blend_features(job) * std::min(size.customers, kBlendCustomers) : 0;
  return log_bytes(size, job) + model_bytes(size, job) + fitting_bytes(size, job) + histories + lists + blend +
         kEvaluateSlack;
}

std::int64_t recommend_bytes(const LogSize& size, const Job& job) {
  const std::int64_t k = job.recommend.list_size;
  return log_bytes(size, job) + model_bytes(size, job) + std::min(kListBlock, size.customers) * k * 9 +
         writer_bytes(size.customers * k, 280, 30) + kListSlack;
}

std::int64_t export_bytes(const LogSize& size, const Job& job) {
  return log_bytes(size, job) + model_bytes(size, job) + kExportSlack;
}

}  // namespace nextbest
