#include <gtest/gtest.h>

#include "host/store/embeddings_file.hpp"
#include "kernels/core/error.hpp"
#include "tests/host/sample_log.hpp"

namespace nextbest {
namespace {

EmbeddingsFile sample() {
  EmbeddingsFile file;
  file.items = Dictionary::of_strings({"a", "b", "c"});
  file.customers = Dictionary::of_int64({7, 8});
  file.dim = 2;
  file.item_factors = {1, 2, 3, 4, 5, 6};
  file.customer_factors = {-1, 0.5F, 0, 1e-20F};
  return file;
}

TEST(EmbeddingsFile, ComesBackEqual) {
  const testing_support::TempFolder folder;
  write_embeddings(folder / "embeddings.h5", sample(), {"run", "inputs", "settings"});
  const EmbeddingsFile back = read_embeddings(folder / "embeddings.h5");
  EXPECT_EQ(back.items, sample().items);
  EXPECT_EQ(back.customers, sample().customers);
  EXPECT_EQ(back.dim, 2);
  EXPECT_EQ(back.item_factors, sample().item_factors);
  EXPECT_EQ(back.customer_factors, sample().customer_factors);
}

TEST(EmbeddingsFile, FactorsThatDoNotFitTheIdsAreNotWritten) {
  const testing_support::TempFolder folder;
  EmbeddingsFile file = sample();
  file.item_factors.pop_back();
  EXPECT_THROW(write_embeddings(folder / "embeddings.h5", file, {}), ShapeMismatch);
  EXPECT_FALSE(std::filesystem::exists(folder / "embeddings.h5"));
}

TEST(EmbeddingsFile, IsNotTakenForAnOrderLog) {
  const testing_support::TempFolder folder;
  write_embeddings(folder / "embeddings.h5", sample(), {});
  EXPECT_THROW(read_order_log(folder / "embeddings.h5"), DamagedFile);
}

}  // namespace
}  // namespace nextbest
