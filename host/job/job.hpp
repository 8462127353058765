#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "models/blend/params.hpp"
#include "models/ials/params.hpp"
#include "models/pairs/params.hpp"

namespace nextbest {

/// `[input.*]`: where a table lies and what its columns are called. A key that is absent is an empty string.
struct OrdersInput {
  std::vector<std::string> path;  ///< files, globs, directories; one string or a list in the job file
  std::string format = "auto";    ///< auto | parquet | csv | tsv | ipc
  /// ours → "yours": order_id, customer_id, item_id, ordered_at, quantity, unit_price, line_value, unit_cost,
  /// item_name, split, ... A name of ours that is not mapped is looked up under its own name and may be missing.
  std::map<std::string, std::string> columns;
};
struct ItemsInput {
  std::vector<std::string> path;  ///< empty: no catalogue
  std::string format = "auto";
  std::map<std::string, std::string> columns;  ///< item_id, name, brand, family, size, price, cost, stock, ...
  std::vector<std::string> category;           ///< columns of the category path, broadest first
};

enum class Returns { kNet, kDrop, kKeep };
enum class Duplicates { kMerge, kFirst, kError };

struct CleanRules {
  Returns returns = Returns::kNet;
  std::string cancelled_order_prefix;
  std::vector<std::string> not_products;  ///< ids, or patterns with *
  Duplicates duplicates = Duplicates::kMerge;
  bool drop_zero_price = false;
  bool repeated_orders_first_file = false;
  bool drop_bulk_customers = false;
  bool operator==(const CleanRules&) const = default;
};

struct CheckRules {
  std::vector<std::string> fail_on = {"unjoined_items>5%", "future_timestamps>0.1%"};
  int max_basket_lines = 60;
  std::int64_t min_customers_per_pair = 5;
};

enum class SplitKind { kTime, kColumn, kLastOrder, kLastItem };
enum class Targets { kAll, kNew };
enum class Refit { kFull, kHistory, kNone };

struct EvaluateParams {
  bool enabled = true;
  SplitKind split = SplitKind::kTime;
  bool split_given = false;  ///< the job names the split; otherwise the data may decide for another kind
  double validation_days = 28;
  double test_days = 28;
  std::vector<int> cutoffs = {5, 10, 20};
  Targets targets = Targets::kAll;
  Refit refit = Refit::kFull;
  double gate_ndcg_at_10_vs_previous_min = 0.97;  ///< 0 = off
  std::int64_t gate_rule_violations_max = 0;
};

struct ExportTable {
  std::string kind;                ///< pairs, next_best, embeddings, id_map, evaluation_lists
  std::string format = "parquet";  ///< parquet | csv | jsonl | npy | hdf5
};

/// `[offers]`: the lists that are shown, cut from the candidates.
struct OffersParams {
  int list_size = 4;
  double relevance_floor = 0.02;
};
/// `[[surface]]`: a place where offers are shown, and the plays that suit it.
struct Surface {
  std::string name;
  std::vector<std::string> plays;
};
/// `[tune]`.
struct TuneParams {
  double minutes = 10;
};

enum class DeviceChoice { kAuto, kCuda, kCpu };

/// The newest `schema_version` that this program reads.
inline constexpr int kJobSchemaVersion = 1;

/// A job file, resolved: every default filled in, every variable replaced, `--set` applied. The keys: job_keys.cpp.
struct Job {
  std::string file;  ///< as the user named it; relative paths inside are relative to the working directory
  std::string name = "nextbest";
  std::string as_of = "auto";
  std::uint64_t seed = 20240131;
  std::string out_dir = "out";
  bool resume = true;
  std::string time_zone = "UTC";

  DeviceChoice device = DeviceChoice::kAuto;
  std::string max_device_memory = "80%";
  std::string max_host_memory = "80%";
  bool tile_over_budget = true;
  int threads = 0;  ///< 0 = all cores

  OrdersInput orders;
  ItemsInput items;
  CleanRules clean;
  CheckRules check;
  PairsParams pairs;
  IalsParams embeddings;
  RecommendParams recommend;
  EvaluateParams evaluate;
  OffersParams offers;
  std::vector<Surface> surfaces;
  TuneParams tune;
  std::vector<ExportTable> exports;

  std::string tuned_file;                    ///< the overlay that `tune` wrote, empty where there is none
  std::string tuned_fingerprint;             ///< of the data that it was tuned on
  std::vector<std::string> unused_sections;  ///< named in the file, part of the format, without effect in this version
  std::string resolved_toml;                 ///< what is written to job.resolved.toml
};

/// Whether the parameters that an earlier `tune` found lie over the job file; a new search starts without them.
enum class TunedFile { kOverlay, kIgnore };

/// Reads a job file. Order of precedence: `set` ("section.key=value", TOML values, bare strings allowed), then
/// `<stem>.tuned.toml` beside the job file (only [pairs], [embeddings], [recommend]), the job file, the defaults.
/// Unknown key: the message has the nearest match. Everything is checked here that can be checked without data.
/// @throws UsageError naming file, line, key, what is allowed
Job read_job(const std::string& path, const std::vector<std::string>& set = {}, TunedFile tuned = TunedFile::kOverlay);

/// The same from text; `file` stands in messages. No overlay is looked for.
Job parse_job(const std::string& text, const std::string& file, const std::vector<std::string>& set = {});

/// Every key of a job as JSON, for manifest.json.
nlohmann::json resolved_json(const Job& job);

/// The settings of one top-level section ("input", "clean", "pairs", ...) as canonical text: equal text, equal
/// settings.
std::string section_text(const Job& job, const std::string& section);

}  // namespace nextbest
