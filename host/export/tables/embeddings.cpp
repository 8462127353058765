#include "host/export/npy.hpp"
#include "host/export/tables.hpp"
#include "host/export/tables/kinds.hpp"
#include "host/store/atomic_file.hpp"
#include "kernels/core/expects.hpp"

namespace nextbest {
namespace {

void expect_factors(const OrderLog& log, const Matrix<const float>& items, const Matrix<const float>& customers) {
  expects_equal(items.rows, log.items.size(), "write_embeddings", "rows of items");
  expects_equal(customers.rows, log.customers.size(), "write_embeddings", "rows of customers");
  expects_equal(customers.cols, items.cols, "write_embeddings", "columns of customers");
}

}  // namespace

std::vector<WrittenFile> write_embeddings_table(const TableTarget& target, const OrderLog& log,
                                                Matrix<const float> items, Matrix<const float> customers) {
  expect_factors(log, items, customers);
  const std::unique_ptr<TableWriter> writer = open_table(target);
  for_chunks_of_kinds(log, [&](Chunk chunk, const std::string& kind, Offset begin, Offset end) {
    const Matrix<const float>& factors = kind == "item" ? items : customers;
    VectorColumn vectors{factors.cols, {}};
    vectors.values.reserve(static_cast<std::size_t>((end - begin) * factors.cols));
    for (Offset row = begin; row < end; ++row) {
      vectors.values.insert(vectors.values.end(), factors.row(row), factors.row(row) + factors.cols);
    }
    chunk.push_back({"factors", std::move(vectors)});
    writer->write(chunk);
  });
  return writer->finish();
}

std::vector<WrittenFile> write_embeddings_npy(const std::filesystem::path& run_dir, const std::string& folder,
                                              const OrderLog& log, Matrix<const float> items,
                                              Matrix<const float> customers) {
  expect_factors(log, items, customers);
  make_directories(run_dir / folder);
  return {write_npy(run_dir, folder + "/items.npy", items), write_npy_ids(run_dir, folder + "/item_ids.npy", log.items),
          write_npy(run_dir, folder + "/customers.npy", customers),
          write_npy_ids(run_dir, folder + "/customer_ids.npy", log.customers)};
}

}  // namespace nextbest
