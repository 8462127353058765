#pragma once

#include <filesystem>
#include <vector>

#include "host/store/dictionary.hpp"
#include "host/store/order_log_file.hpp"
#include "kernels/core/view.hpp"

namespace nextbest {

/// Factors of items and customers with their ids.
struct EmbeddingsFile {
  Dictionary items, customers;
  Offset dim = 0;
  std::vector<float> item_factors;      ///< [items, dim]
  std::vector<float> customer_factors;  ///< [customers, dim]
};

/// `models/embeddings.h5`: groups `items` and `customers`, each with `id` and `factors` float32 [n, dim].
/// Written to a temporary name, synced, renamed. @throws OutputError
void write_embeddings(const std::filesystem::path& path, const EmbeddingsFile& file, const FileStamp& stamp);
/// @throws DamagedFile, DataError
EmbeddingsFile read_embeddings(const std::filesystem::path& path);

}  // namespace nextbest
