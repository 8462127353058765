#include "host/store/order_log_file.hpp"

#include <algorithm>

#include "host/store/catalogue_h5.hpp"
#include "host/store/h5_reader.hpp"
#include "host/store/h5_writer.hpp"
#include "host/store/order_log_check.hpp"
#include "host/store/purchases.hpp"
#include "kernels/core/error.hpp"

namespace nextbest {
namespace {

constexpr const char* kOrderLog = "order_log";
constexpr std::int64_t kOrderLogVersion = 1;

using h5::Packing;

template <class T>
void write_if_given(h5::Writer& out, const std::string& path, const std::vector<T>& values, Packing packing) {
  if (!values.empty()) out.array<T>(path, values, packing);
}

template <class T>
std::vector<T> read_if_given(const h5::Reader& in, const std::string& path) {
  return in.has(path) ? in.array<T>(path) : std::vector<T>{};
}

std::vector<Code> customer_of_basket(const OrderLog& log) {
  std::vector<Code> customer(static_cast<std::size_t>(log.baskets()), kNoCode);
  for (std::size_t c = 0; c + 1 < log.customer_offset.size(); ++c) {
    std::fill(customer.begin() + log.customer_offset[c], customer.begin() + log.customer_offset[c + 1],
              static_cast<Code>(c));
  }
  return customer;
}

void write_baskets(h5::Writer& out, const OrderLog& log) {
  out.group("baskets");
  out.attribute("baskets", "first_time", log.first_time);
  out.attribute("baskets", "as_of", log.as_of);
  out.attribute("baskets", "time_zone", log.time_zone);
  out.array<Offset>("baskets/offset", log.basket_offset, Packing::kDeflate);
  out.array<Code>("baskets/customer", customer_of_basket(log), Packing::kDeflate);
  write_if_given<Offset>(out, "baskets/order", log.basket_order, Packing::kDeflate);
  write_if_given<Micros>(out, "baskets/time", log.basket_time, Packing::kDeflate);
  if (!log.basket_split.empty()) {
    std::vector<std::uint8_t> split(log.basket_split.size());
    std::transform(log.basket_split.begin(), log.basket_split.end(), split.begin(),
                   [](Split s) { return static_cast<std::uint8_t>(s); });
    out.array<std::uint8_t>("baskets/split", split, Packing::kDeflate);
  }
  out.array<Code>("baskets/item", log.line_item, Packing::kPlain);
  write_if_given<std::int64_t>(out, "baskets/quantity", log.line_quantity, Packing::kDeflate);
  write_if_given<std::int64_t>(out, "baskets/price", log.line_price, Packing::kDeflate);
  write_if_given<Micros>(out, "baskets/line_time", log.line_time, Packing::kDeflate);
}

/// The customers x items matrix for people and other programs; read_order_log() does not need it.
void write_purchases(h5::Writer& out, const OrderLog& log, const Context& ctx) {
  const Csr<std::int32_t> counts = purchase_counts(log, ctx);
  const std::int64_t shape[2] = {static_cast<std::int64_t>(counts.indptr.size()) - 1, counts.cols};
  out.group("purchases", "csr_matrix", "0.1.0");
  out.attribute("purchases", "shape", shape);
  out.array<std::int32_t>("purchases/data", counts.values, Packing::kDeflate);
  out.array<Code>("purchases/indices", counts.indices, Packing::kPlain);
  out.array<Offset>("purchases/indptr", counts.indptr, Packing::kDeflate);
}

std::vector<Split> read_split(const h5::Reader& in) {
  const auto stored = read_if_given<std::uint8_t>(in, "baskets/split");
  std::vector<Split> split(stored.size());
  std::transform(stored.begin(), stored.end(), split.begin(), [](std::uint8_t s) { return static_cast<Split>(s); });
  return split;
}

}  // namespace

void write_order_log(const std::filesystem::path& path, const OrderLog& log, const FileStamp& stamp,
                     const Context& ctx) {
  if (const std::string problem = order_log_problem(log, ctx); !problem.empty()) {
    throw InvalidArgument("write_order_log: " + problem);
  }
  h5::Writer out(path, kOrderLog, kOrderLogVersion, stamp, ctx);
  h5::write_items(out, log.items, log.catalogue);
  out.group("customers");
  out.dictionary("customers/id", log.customers);
  out.array<Offset>("customers/offset", log.customer_offset, Packing::kDeflate);
  out.group("orders");
  out.dictionary("orders/id", log.orders);
  write_baskets(out, log);
  write_purchases(out, log, ctx);
  out.commit();
}

OrderLog read_order_log(const std::filesystem::path& path, KeptColumns columns) {
  const h5::Reader in(path, kOrderLog, kOrderLogVersion);
  OrderLog log;
  log.items = in.dictionary("items/id");
  log.customers = in.dictionary("customers/id");
  log.orders = in.dictionary("orders/id");
  log.customer_offset = in.array<Offset>("customers/offset");
  log.basket_offset = in.array<Offset>("baskets/offset");
  log.basket_order = read_if_given<Offset>(in, "baskets/order");
  log.basket_time = read_if_given<Micros>(in, "baskets/time");
  log.basket_split = read_split(in);
  log.line_item = in.array<Code>("baskets/item");
  if (columns == KeptColumns::kAll) log.line_quantity = read_if_given<std::int64_t>(in, "baskets/quantity");
  log.prices_left_out = columns == KeptColumns::kItems && in.has("baskets/price");
  if (!log.prices_left_out) log.line_price = read_if_given<std::int64_t>(in, "baskets/price");
  log.line_time = read_if_given<Micros>(in, "baskets/line_time");
  log.catalogue = h5::read_catalogue(in);
  log.first_time = in.integer_attribute("baskets", "first_time");
  log.as_of = in.integer_attribute("baskets", "as_of");
  log.time_zone = in.text_attribute("baskets", "time_zone");
  if (const std::string problem = order_log_problem(log); !problem.empty()) in.damaged(problem);
  return log;
}

FileStamp read_stamp(const std::filesystem::path& path) {
  return h5::Reader(path, kOrderLog, kOrderLogVersion).stamp();
}

}  // namespace nextbest
