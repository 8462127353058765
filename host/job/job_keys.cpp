#include "host/job/job_keys.hpp"

namespace nextbest {
namespace {

/// A choice whose names are listed in the order of an enumeration.
template <class Enum>
void choice(JobKeys& keys, const char* name, Enum& value, const std::vector<std::string>& names) {
  auto index = static_cast<std::size_t>(value);
  keys.choice(name, index, names);
  value = static_cast<Enum>(index);
}

/// A choice between two names, the second of which means yes.
void choice(JobKeys& keys, const char* name, bool& value, const std::vector<std::string>& names) {
  std::size_t index = value ? 1 : 0;
  keys.choice(name, index, names);
  value = index == 1;
}

/// A choice that is kept as the name itself.
void choice(JobKeys& keys, const char* name, std::string& value, const std::vector<std::string>& names) {
  std::size_t index = 0;
  while (index < names.size() && names[index] != value) ++index;
  keys.choice(name, index, names);
  if (index < names.size()) value = names[index];
}

/// A model's parameters as keys of the open section.
class FieldKeys : public ParamFields {
 public:
  explicit FieldKeys(JobKeys& keys) : keys_(keys) {}
  void open(const char* group) override { keys_.open(group); }
  void close() override { keys_.close(); }
  void number(const char* name, double& value, const Range&, const Search&) override { keys_.key(name, value); }
  void whole(const char* name, int& value, const Range&, const Search&) override { keys_.key(name, value); }
  void flag(const char* name, bool& value) override { keys_.key(name, value); }
  void choice(const char* name, std::size_t& value, std::span<const std::string> names, bool) override {
    keys_.choice(name, value, names);
  }

 private:
  JobKeys& keys_;
};

const std::vector<std::string> kFormats = {"auto", "parquet", "csv", "tsv", "ipc"};
const std::vector<std::string> kOrderColumns = {
    "order_id",  "customer_id",  "item_id",           "ordered_at", "quantity", "unit_price", "line_value", "unit_cost",
    "item_name", "delivered_at", "returned_quantity", "is_gift",    "channel",  "region",     "split"};
const std::vector<std::string> kItemColumns = {"item_id", "name", "brand", "family",      "size",
                                               "price",   "cost", "stock", "launched_at", "discontinued_at"};

void visit_job(JobKeys& keys, Job& job) {
  keys.open("job");
  keys.key("name", job.name);
  keys.moment("as_of", job.as_of);
  keys.key("time_zone", job.time_zone);
  keys.key("seed", job.seed);
  keys.key("out_dir", job.out_dir);
  choice(keys, "resume", job.resume, {"never", "auto"});
  keys.close();

  keys.open("device");
  choice(keys, "kind", job.device, {"auto", "cuda", "cpu"});
  keys.key("max_device_memory", job.max_device_memory);
  keys.key("max_host_memory", job.max_host_memory);
  choice(keys, "on_over_budget", job.tile_over_budget, {"fail", "tile"});
  keys.key("threads", job.threads);
  keys.close();
}

void visit_input(JobKeys& keys, Job& job) {
  keys.open("input");
  keys.open("orders");
  keys.one_or_more("path", job.orders.path);
  choice(keys, "format", job.orders.format, kFormats);
  keys.open("columns");
  keys.columns(job.orders.columns, kOrderColumns);
  keys.close();
  keys.close();
  keys.open("items");
  keys.one_or_more("path", job.items.path);
  choice(keys, "format", job.items.format, kFormats);
  keys.open("columns");
  keys.one_or_more("category", job.items.category);
  keys.columns(job.items.columns, kItemColumns);
  keys.close();
  keys.close();
  keys.close();
}

void visit_clean(JobKeys& keys, Job& job) {
  keys.open("clean");
  choice(keys, "returns", job.clean.returns, {"net", "drop", "keep"});
  keys.key("cancelled_order_prefix", job.clean.cancelled_order_prefix);
  keys.ids("not_products", job.clean.not_products);
  choice(keys, "duplicates", job.clean.duplicates, {"merge", "first", "error"});
  choice(keys, "zero_price", job.clean.drop_zero_price, {"keep", "drop"});
  choice(keys, "repeated_orders", job.clean.repeated_orders_first_file, {"keep", "first_file"});
  choice(keys, "bulk_customers", job.clean.drop_bulk_customers, {"keep", "drop"});
  keys.close();

  keys.open("check");
  keys.key("fail_on", job.check.fail_on);
  keys.key("max_basket_lines", job.check.max_basket_lines);
  keys.key("min_customers_per_pair", job.check.min_customers_per_pair);
  keys.close();
}

void visit_models(JobKeys& keys, Job& job) {
  keys.open("pairs");
  keys.key("units", job.pairs.units);
  keys.key("window_days", job.pairs.window_days);
  keys.key("half_life_days", job.pairs.half_life_days);
  choice(keys, "basket_weight", job.pairs.basket_weight, {"none", "inverse", "inverse_log"});
  choice(keys, "measure", job.pairs.measure,
         {"llr", "lift", "shrunk_lift", "npmi", "jaccard", "cosine", "confidence", "count"});
  keys.key("top_per_item", job.pairs.top_per_item);
  keys.key("min_orders", job.pairs.min_orders);
  keys.close();

  keys.open("embeddings");
  std::size_t ials = 0;
  keys.choice("model", ials, std::vector<std::string>{"ials"});
  FieldKeys fields(keys);
  job.embeddings.visit(fields);
  keys.close();

  keys.open("recommend");
  keys.key("sources", job.recommend.sources);
  keys.key("list_size", job.recommend.list_size);
  choice(keys, "owned", job.recommend.owned, {"auto", "exclude", "allow"});
  job.recommend.params.visit(fields);
  keys.close();
}

void visit_offers(JobKeys& keys, Job& job) {
  keys.open("offers");
  keys.key("list_size", job.offers.list_size);
  keys.key("relevance_floor", job.offers.relevance_floor);
  keys.close();
  job.surfaces.resize(keys.entries("surface", job.surfaces.size()));
  for (std::size_t i = 0; i < job.surfaces.size(); ++i) {
    keys.open_entry("surface", i);
    keys.key("name", job.surfaces[i].name);
    keys.key("plays", job.surfaces[i].plays);
    keys.close();
  }
}

void visit_evaluate(JobKeys& keys, Job& job) {
  keys.open("evaluate");
  keys.key("enabled", job.evaluate.enabled);
  keys.key("cutoffs", job.evaluate.cutoffs);
  choice(keys, "targets", job.evaluate.targets, {"all", "new"});
  choice(keys, "refit", job.evaluate.refit, {"full", "history", "none"});
  keys.open("split");
  const std::vector<std::string> kinds = {"time", "column", "last_order", "last_item", "auto"};
  std::size_t kind = job.evaluate.split_given ? static_cast<std::size_t>(job.evaluate.split) : 4;
  keys.choice("kind", kind, kinds);
  job.evaluate.split_given = kind < 4;
  job.evaluate.split = job.evaluate.split_given ? static_cast<SplitKind>(kind) : SplitKind::kTime;
  if (job.evaluate.split == SplitKind::kTime) {
    keys.key("validation_days", job.evaluate.validation_days);
    keys.key("test_days", job.evaluate.test_days);
  } else {
    const std::string why = "belongs to kind = \"time\", but kind is \"" + kinds[kind] + "\"; remove one of the two";
    keys.refuse("validation_days", why);
    keys.refuse("test_days", why);
  }
  keys.close();
  keys.open("gate");
  keys.key("ndcg_at_10_vs_previous_min", job.evaluate.gate_ndcg_at_10_vs_previous_min);
  keys.key("rule_violations_max", job.evaluate.gate_rule_violations_max);
  keys.close();
  keys.close();
}

void visit_exports(JobKeys& keys, Job& job) {
  keys.open("tune");
  keys.key("minutes", job.tune.minutes);
  keys.close();
  job.exports.resize(keys.entries("export", job.exports.size()));
  for (std::size_t i = 0; i < job.exports.size(); ++i) {
    keys.open_entry("export", i);
    choice(keys, "kind", job.exports[i].kind, {"pairs", "next_best", "embeddings", "id_map", "evaluation_lists"});
    choice(keys, "format", job.exports[i].format, {"parquet", "csv", "jsonl", "npy", "hdf5"});
    keys.close();
  }
}

}  // namespace

void visit_keys(JobKeys& keys, Job& job) {
  visit_job(keys, job);
  visit_input(keys, job);
  visit_clean(keys, job);
  visit_models(keys, job);
  visit_offers(keys, job);
  visit_evaluate(keys, job);
  visit_exports(keys, job);
}

}  // namespace nextbest
