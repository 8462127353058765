#include "host/store/embeddings_file.hpp"

#include "host/store/h5_reader.hpp"
#include "host/store/h5_writer.hpp"
#include "kernels/core/expects.hpp"

namespace nextbest {
namespace {

constexpr const char* kEmbeddings = "embeddings";
constexpr std::int64_t kEmbeddingsVersion = 1;

void write_factors(h5::Writer& out, const std::string& group, const Dictionary& ids, const std::vector<float>& factors,
                   Offset dim) {
  expects_equal(static_cast<std::int64_t>(factors.size()), ids.size() * dim, "write_embeddings", "the factors' size");
  out.group(group);
  out.dictionary(group + "/id", ids);
  out.matrix(group + "/factors", factors, static_cast<hsize_t>(ids.size()), static_cast<hsize_t>(dim));
}

std::vector<float> read_factors(const h5::Reader& in, const std::string& group, Dictionary& ids, Offset& dim) {
  ids = in.dictionary(group + "/id");
  Offset rows = 0;
  std::vector<float> factors = in.matrix(group + "/factors", rows, dim);
  in.expect(rows == ids.size(), "the factors do not fit the ids");
  return factors;
}

}  // namespace

void write_embeddings(const std::filesystem::path& path, const EmbeddingsFile& file, const FileStamp& stamp) {
  h5::Writer out(path, kEmbeddings, kEmbeddingsVersion, stamp);
  write_factors(out, "items", file.items, file.item_factors, file.dim);
  write_factors(out, "customers", file.customers, file.customer_factors, file.dim);
  out.commit();
}

EmbeddingsFile read_embeddings(const std::filesystem::path& path) {
  const h5::Reader in(path, kEmbeddings, kEmbeddingsVersion);
  EmbeddingsFile file;
  Offset customer_dim = 0;
  file.item_factors = read_factors(in, "items", file.items, file.dim);
  file.customer_factors = read_factors(in, "customers", file.customers, customer_dim);
  in.expect(customer_dim == file.dim, "items and customers have different dimensions");
  return file;
}

}  // namespace nextbest
